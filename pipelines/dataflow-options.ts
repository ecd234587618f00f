import type { Option } from "./option";

const DATAFLOW = "With --runner dataflow:";

/** The options of jobs on Dataflow, part of `options` (options.ts). */
export const dataflowOptions = {
  region: {
    type: "string",
    environment: "CLOUDSDK_COMPUTE_REGION",
    group: DATAFLOW,
    describe: "Region where the job runs [environment: CLOUDSDK_COMPUTE_REGION]",
  },
  "dataflow-project": {
    type: "string",
    group: DATAFLOW,
    describe: "Project where the job runs, if it is another than Spanner's (--project)",
  },
  "sdk-container-image": {
    type: "string",
    group: DATAFLOW,
    describe: "Image of the workers, as `make image` has pushed it: REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG",
  },
  "temp-location": {
    type: "string",
    group: DATAFLOW,
    describe: "gs:// folder for temporary files, in the same region",
  },
  "staging-location": {
    type: "string",
    group: DATAFLOW,
    describe: "gs:// folder for the job's description (default: that of --temp-location)",
  },
  "job-name": {
    type: "string",
    group: DATAFLOW,
    describe: "Name of the job: lower-case letters, digits and hyphens (default: dynamodb-to-spanner and the run's id)",
  },
  wait: {
    type: "boolean",
    default: true,
    group: DATAFLOW,
    describe: "Wait for the job's end, and prove it; --no-wait ends when the job has been started",
  },
  "worker-machine-type": {
    type: "string",
    group: DATAFLOW,
    describe: "Machine type of the workers (default: Dataflow's)",
  },
  "num-workers": {
    type: "number",
    minimum: 1,
    integer: true,
    group: DATAFLOW,
    describe: "Workers to begin with (default: Dataflow's choice)",
  },
  "max-num-workers": {
    type: "number",
    minimum: 1,
    integer: true,
    group: DATAFLOW,
    describe: "Most workers that there may be",
  },
  "disk-size-gb": {
    type: "number",
    minimum: 1,
    integer: true,
    group: DATAFLOW,
    describe: "Size of a worker's disk, in GB (default: Dataflow's)",
  },
  "worker-zone": { type: "string", group: DATAFLOW, describe: "Zone of the workers (default: one of the region's)" },
  network: { type: "string", group: DATAFLOW, describe: "Network of the workers (default: `default`)" },
  subnetwork: {
    type: "string",
    group: DATAFLOW,
    describe: "Subnetwork of the workers: regions/REGION/subnetworks/NAME, or its whole URL",
  },
  "public-ips": {
    type: "boolean",
    default: true,
    group: DATAFLOW,
    describe: "Give workers public addresses; --no-public-ips needs Private Google Access in the subnetwork",
  },
  "service-account": {
    type: "string",
    group: DATAFLOW,
    describe: "Service account that workers run as (default: Compute Engine's)",
  },
  labels: { type: "string", group: DATAFLOW, describe: "Labels of the job: KEY=VALUE,KEY=VALUE" },
  "dataflow-kms-key": {
    type: "string",
    group: DATAFLOW,
    describe: "Cloud KMS key for what Dataflow stores: projects/…/locations/…/keyRings/…/cryptoKeys/…",
  },
  experiments: { type: "string", group: DATAFLOW, describe: "Dataflow's experiments, separated by commas" },
  "dataflow-service-options": {
    type: "string",
    group: DATAFLOW,
    describe: "Dataflow's service options, separated by commas",
  },
  "dataflow-endpoint": {
    type: "string",
    default: "https://dataflow.googleapis.com",
    group: DATAFLOW,
    describe: "Address of the Dataflow API; one that begins with http: is shown no credentials",
  },
  "beam-python": {
    type: "string",
    group: DATAFLOW,
    describe: "The Python that hands the job to Dataflow (default: the environment that `make dataflow` has made)",
  },
} as const satisfies Record<string, Option>;

/** Those of streaming jobs besides. */
export const dataflowStreamOptions = {
  update: {
    type: "boolean",
    default: false,
    group: DATAFLOW,
    describe:
      "Take the place of the job that runs under the name of --job-name, with what it has read but not applied yet",
  },
} as const satisfies Record<string, Option>;

/** The names, for the commands that take them. */
export const dataflowOptionNames = Object.keys(dataflowOptions) as (keyof typeof dataflowOptions)[];
