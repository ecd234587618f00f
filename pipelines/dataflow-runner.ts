import { dataflowLauncher } from "../beam/dataflow-launcher";
import type { PythonOptions } from "../beam/dataflow-submission";
import { decodeFailure } from "../beam/failure-text";
import type { Launcher } from "../beam/launcher";
import { findBeamPython } from "../beam/python-environment";
import { MigrationError } from "../errors/migration-error";
import { openFolder } from "../storage/open-folder";
import { type DataflowArguments, listOf } from "./dataflow-usage";
import { log } from "./log";

/**
 * Finds out whether a job can be handed over at all: an upload to a bucket that is not there is tried for ten minutes by
 * the SDK for Python.
 * @throws MigrationError E_BEAM_PYTHON, E_DATAFLOW_STAGING
 */
export async function prepareDataflow({ beamPython, tempLocation, stagingLocation }: DataflowArguments): Promise<void> {
  findBeamPython(beamPython);
  for (const location of new Set([tempLocation, stagingLocation])) {
    if (location === undefined) continue;
    await openFolder(location)
      .probeWritable()
      .catch((cause: Error) => {
        throw new MigrationError("E_DATAFLOW_STAGING", cause.message, { cause });
      });
  }
}

/**
 * - `batch`: reads what there is, and is cancelled by stopping it;
 * - `streaming`: reads for ever, and is stopped by draining it: what it has read is applied first. For what is cancelled,
 *   Dataflow has acknowledged messages already whose changes are on their way through the job;
 * - `update`: the same, in place of the job of that name that runs.
 */
export type DataflowJobKind = "batch" | "streaming" | "update";

/**
 * @param run a name that no other job has
 * @throws MigrationError E_BEAM_PYTHON
 */
export function openDataflowLauncher(argv: DataflowArguments, run: string, kind: DataflowJobKind): Launcher {
  const { region = "", sdkContainerImage: image = "" } = argv;
  return dataflowLauncher({
    project: argv.dataflowProject ?? argv.project,
    region,
    endpoint: argv.dataflowEndpoint.replace(/\/+$/, ""),
    jobName: argv.jobName ?? `dynamodb-to-spanner-${run.toLowerCase()}`,
    image,
    python: findBeamPython(argv.beamPython),
    pythonOptions: { ...pythonOptions(argv), streaming: kind !== "batch" },
    update: kind === "update",
    stop: kind === "batch" ? "cancel" : "drain",
    onJob: ({ id, url }) => log.info(`Dataflow job ${id}: ${url}`),
    onState: (state) => log.info(`Dataflow: ${state.replace(/^JOB_STATE_/, "").toLowerCase()}`),
    onMessage: ({ importance, text }) => {
      if (importance === "JOB_MESSAGE_ERROR" && kind !== "batch") reportRepeated(text);
      else if (importance === "JOB_MESSAGE_ERROR") log.debug(`Dataflow: ${text}`);
      else if (importance === "JOB_MESSAGE_WARNING") log.warn(`Dataflow: ${text}`);
      else log.debug(`Dataflow: ${text}`);
    },
  });
}

/** An error of a step does not end a streaming job: without a word the user would only see that nothing is applied. */
function reportRepeated(text: string): void {
  const failure = decodeFailure(text);
  const code = failure instanceof MigrationError ? `${failure.code}: ` : "";
  const reason = failure === undefined ? (text.split("\n", 1)[0] ?? "") : `${code}${failure.message}`;
  log.warn(`${reason} (Dataflow tries again, for as long as the job runs)`);
  log.debug(`Dataflow: ${text}`);
}

/** By their names in pipeline_options.py of Beam's SDK for Python. */
function pythonOptions(argv: DataflowArguments): PythonOptions {
  const { tempLocation = "" } = argv;
  const given: Readonly<Record<string, PythonOptions[string] | undefined>> = {
    temp_location: tempLocation,
    staging_location: argv.stagingLocation ?? tempLocation,
    machine_type: argv.workerMachineType,
    num_workers: argv.numWorkers,
    max_num_workers: argv.maxNumWorkers,
    disk_size_gb: argv.diskSizeGb,
    worker_zone: argv.workerZone,
    network: argv.network,
    subnetwork: argv.subnetwork,
    use_public_ips: argv.publicIps,
    service_account_email: argv.serviceAccount,
    labels: some(listOf(argv.labels)),
    dataflow_kms_key: argv.dataflowKmsKey,
    // Our image starts one worker for each sibling (container-main.ts): so that all cores of a machine have work.
    experiments: ["use_sibling_sdk_workers", ...listOf(argv.experiments)],
    dataflow_service_options: some(listOf(argv.dataflowServiceOptions)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as PythonOptions;
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
