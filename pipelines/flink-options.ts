import type { Option } from "./option";

const RUN = "Run:";

/** Options of jobs on a Flink cluster. */
export const flinkOptions = {
  "job-endpoint": {
    type: "string",
    default: "localhost:8099",
    group: RUN,
    describe: "With --runner flink: host:port of Beam's job server for Flink",
  },
  "flink-master": {
    type: "string",
    default: "localhost:8081",
    group: RUN,
    describe: "With --runner flink: host:port of Flink's REST interface",
  },
  "expansion-service": {
    type: "string",
    default: "localhost:8097",
    group: RUN,
    describe: "With --runner flink: host:port of Beam's expansion service",
  },
  "checkpoint-interval": {
    type: "number",
    minimum: 0.1,
    default: 5,
    group: RUN,
    describe:
      "With --runner flink: seconds between checkpoints, at which messages are acknowledged; no window is longer",
  },
  parallelism: {
    type: "number",
    minimum: 1,
    integer: true,
    group: RUN,
    describe: "With --runner flink: tasks that run at once (default: all slots of the cluster)",
  },
  "worker-command": {
    type: "string",
    group: RUN,
    describe:
      "With --runner flink: path of this package's dist/beam/worker-main.js on the TaskManagers' machines, where it is another than here",
  },
  "worker-environment": {
    type: "string",
    choices: ["process", "external"],
    default: "process",
    group: RUN,
    describe:
      "With --runner flink: who starts the workers: the TaskManagers (process), or a dynamodb-to-spanner-worker-pool on each of their machines (external)",
  },
  "worker-pool": {
    type: "string",
    default: "localhost:50000",
    group: RUN,
    describe: "With --worker-environment external: host:port of the pool, as each TaskManager's machine knows it",
  },
  "java-jars": {
    type: "string",
    group: RUN,
    describe:
      "With --runner flink: run the Pub/Sub source in a Java process of its own, from this folder of the job server's jars on the TaskManagers' machines (default: within the TaskManager)",
  },
} as const satisfies Record<string, Option>;
