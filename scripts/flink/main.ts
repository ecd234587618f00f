import { reportFailure } from "../../pipelines/failure";
import { startFlinkCluster } from "./flink-cluster";

/**
 * `make flink`: starts a Flink cluster, prints the options that `bulk` needs for it (to standard output, everything else
 * goes to standard error) and runs until Ctrl-C.
 */
async function main(): Promise<void> {
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("interrupted"));
  });
  const cluster = await Promise.race([startFlinkCluster(), interrupted]);
  if (cluster === "interrupted") process.exit(0);
  process.stdout.write(
    `--runner flink --job-endpoint ${cluster.jobEndpoint} --flink-master ${cluster.flinkMaster} --parallelism 2\n`,
  );
  process.stderr.write(`Running until Ctrl-C. Logs: ${cluster.logs}\n`);
  // A running server does not keep the process alive, nor does a promise.
  const alive = setInterval(() => {}, 60_000);
  await interrupted;
  clearInterval(alive);
  await cluster.stop();
  process.exit(0);
}

void main().catch((error: unknown) => process.exit(reportFailure(error)));
