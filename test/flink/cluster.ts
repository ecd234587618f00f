import { type FlinkCluster, startFlinkCluster } from "../../scripts/flink/flink-cluster";
import { sharedServer } from "../support/shared-server";

/** The first use on a machine downloads 300 MB. */
let cluster: FlinkCluster | undefined;

/**
 * A real Flink cluster of two TaskManagers, and Beam's job server; or, where FLINK_MASTER and FLINK_JOB_ENDPOINT are set,
 * the one that they name (as `make flink` has printed).
 */
export const flinkCluster = sharedServer(
  async () => {
    const { FLINK_MASTER: flinkMaster, FLINK_JOB_ENDPOINT: jobEndpoint } = process.env;
    if (flinkMaster !== undefined && jobEndpoint !== undefined) {
      const expansionService = process.env["FLINK_EXPANSION_SERVICE"];
      const nothing = async () => undefined;
      cluster = { flinkMaster, jobEndpoint, expansionService, logs: "", addTaskManager: nothing, stop: nothing };
    } else {
      cluster = await startFlinkCluster("bulk and stream");
    }
    return { address: cluster.flinkMaster, stop: cluster.stop };
  },
  () => ({}),
);

export function runningCluster(): FlinkCluster {
  if (cluster === undefined) throw new Error("the cluster does not run");
  return cluster;
}

/** A job on a busy machine: the job server sends 200 MB with each. */
export const JOB_MILLISECONDS = 600_000;
