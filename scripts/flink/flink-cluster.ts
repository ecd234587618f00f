import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../emulators/free-port";
import type { ServerProcess } from "../emulators/server-process";
import {
  startExpansionService,
  startJobManager,
  startJobServer,
  startTaskManager,
  writeConfiguration,
} from "./flink-processes";
import { type FlinkUse, installFlink } from "./flink-programs";

/** A cluster that this process started. */
export interface FlinkCluster {
  /** `host:port` of Flink's REST interface. */
  readonly flinkMaster: string;
  /** `host:port` of Beam's job server. */
  readonly jobEndpoint: string;
  /** `host:port` of Beam's expansion service; undefined where only bulk loads are run. */
  readonly expansionService: string | undefined;
  /** Folder with the logs of all of its processes. */
  readonly logs: string;
  /** One more, in place of one that has gone. */
  addTaskManager(): Promise<void>;
  /** Ends all of its processes and removes its folder. */
  stop(): Promise<void>;
}

const taskManagers = 2;

/**
 * Starts a real Flink cluster on this machine, of one JobManager and two TaskManagers with one slot each, and a Beam job
 * server, all on free ports; for streams Beam's expansion service, too. None of it outlives this process. Needs some 2.5 GB
 * of memory.
 *
 * @param restarts how often Flink starts a job again that has failed, where the job itself does not say
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_INSTALL, E_EMULATOR_START
 */
export async function startFlinkCluster(use: FlinkUse = "bulk", restarts = 0): Promise<FlinkCluster> {
  const programs = await installFlink(use);
  const folder = await mkdtemp(join(tmpdir(), "flink-"));
  const started: ServerProcess[] = [];
  const stop = async () => {
    // The job server first: it would report the loss of the cluster.
    for (const server of started.splice(0).reverse()) await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const start = async (server: Promise<ServerProcess>) => {
    started.push(await server);
  };
  try {
    const place = { folder, rpcPort: await freePort(), restPort: await freePort(), restarts };
    const port = await freePort();
    const flinkMaster = `localhost:${place.restPort}`;
    await writeConfiguration(place);
    await start(startJobManager(programs, place));
    const expansionPort = use === "bulk" ? undefined : await freePort();
    const numbers = Array.from({ length: taskManagers }, (_, index) => index + 1);
    const starts = await Promise.allSettled([
      start(startJobServer(programs, { folder, port, flinkMaster })),
      ...(expansionPort === undefined ? [] : [start(startExpansionService(programs, { folder, port: expansionPort }))]),
      ...numbers.map((number) => start(startTaskManager(programs, place, number))),
    ]);
    for (const each of starts) if (each.status === "rejected") throw each.reason;
    let last = taskManagers;
    return {
      flinkMaster,
      jobEndpoint: `localhost:${port}`,
      expansionService: expansionPort === undefined ? undefined : `localhost:${expansionPort}`,
      logs: join(folder, "log"),
      addTaskManager: () => start(startTaskManager(programs, place, ++last)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
