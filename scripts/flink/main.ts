import { reportFailure } from "../../pipelines/failure";
import { startFlinkCluster } from "./flink-cluster";

/**
 * `make flink`: starts a Flink cluster, prints the options that `bulk` needs for it, and those for `stream` (to standard output, everything else
 * goes to standard error) and runs until Ctrl-C.
 */
async function main(): Promise<void> {
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("interrupted"));
  });
  const cluster = await Promise.race([startFlinkCluster("bulk and stream"), interrupted]);
  if (cluster === "interrupted") process.exit(0);
  const words = `--runner flink --job-endpoint ${cluster.jobEndpoint} --flink-master ${cluster.flinkMaster} --parallelism 2`;
  process.stdout.write(`${words}\n`);
  process.stdout.write(`${words} --expansion-service ${cluster.expansionService}\n`);
  process.stderr.write(`Running until Ctrl-C. Logs: ${cluster.logs}\n`);
  // A running server does not keep the process alive, nor does a promise.
  const alive = setInterval(() => {}, 60_000);
  await interrupted;
  clearInterval(alive);
  await cluster.stop();
  process.exit(0);
}

void main().catch((error: unknown) => process.exit(reportFailure(error)));
