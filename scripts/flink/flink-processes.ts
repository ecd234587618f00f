import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quickStartFlags } from "../emulators/java-program";
import { type ServerProcess, startServerProcess } from "../emulators/server-process";
import type { FlinkPrograms } from "./flink-programs";

const startSeconds = 120;

/** What Flink and Beam reach into on Java 17; Flink's own start scripts pass the same. */
const openModules = [
  "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
  ...[
    ...["java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.invoke", "java.lang.reflect"],
    ...["java.text", "java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic"],
    "java.util.concurrent.locks",
  ].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
];

/** Ports and folder of one cluster. */
export interface ClusterPlace {
  /** Holds configuration, logs and what Flink keeps on disk. */
  readonly folder: string;
  readonly rpcPort: number;
  readonly restPort: number;
  /** How often Flink starts a job again that has failed. */
  readonly restarts: number;
}

/** Memory is spelled out: without Flink's start scripts nothing else computes it. One slot a TaskManager. */
function configuration({ folder, rpcPort, restPort, restarts }: ClusterPlace): string {
  const restartStrategy =
    restarts === 0
      ? "restart-strategy.type: none"
      : `restart-strategy.type: fixed-delay\nrestart-strategy.fixed-delay.attempts: ${restarts}`;
  return `${restartStrategy}
jobmanager.rpc.address: localhost
jobmanager.rpc.port: ${rpcPort}
jobmanager.bind-host: localhost
jobmanager.memory.process.size: 900m
rest.address: localhost
rest.bind-address: localhost
rest.port: ${restPort}
taskmanager.host: localhost
taskmanager.bind-host: localhost
taskmanager.numberOfTaskSlots: 1
taskmanager.cpu.cores: 1.0
taskmanager.memory.task.heap.size: 320m
taskmanager.memory.task.off-heap.size: 64m
taskmanager.memory.framework.heap.size: 64m
taskmanager.memory.framework.off-heap.size: 64m
taskmanager.memory.network.min: 64m
taskmanager.memory.network.max: 64m
taskmanager.memory.managed.size: 128m
taskmanager.memory.jvm-metaspace.size: 512m
taskmanager.memory.jvm-overhead.min: 192m
taskmanager.memory.jvm-overhead.max: 192m
heartbeat.interval: 2000
metrics.fetcher.update-interval: 2000
heartbeat.timeout: 20000
io.tmp.dirs: ${join(folder, "tmp")}
web.tmpdir: ${join(folder, "web")}
`;
}

/** To the console for the one who started it, and to the file that Flink's REST interface shows. */
const logging = `rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
rootLogger.appenderRef.file.ref = File
appender.console.name = Console
appender.console.type = Console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
appender.file.name = File
appender.file.type = File
appender.file.fileName = \${sys:log.file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{1} %m%n
`;

export async function writeConfiguration(place: ClusterPlace): Promise<void> {
  for (const name of ["tmp", "web", "log", "artifacts"]) await mkdir(join(place.folder, name), { recursive: true });
  await writeFile(join(place.folder, "flink-conf.yaml"), configuration(place));
  await writeFile(join(place.folder, "log4j.properties"), logging);
}

/** Resolves when its REST interface takes connections. */
export function startJobManager(programs: FlinkPrograms, place: ClusterPlace): Promise<ServerProcess> {
  return startServerProcess({
    name: "Flink JobManager",
    command: programs.java,
    arguments: flinkArguments(programs, place, {
      log: "jobmanager",
      memory: ["-Xmx320m"],
      mainClass: "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
    }),
    readiness: { kind: "port", port: place.restPort },
    startSeconds,
  });
}

/** Resolves when it has registered with the JobManager. */
export function startTaskManager(programs: FlinkPrograms, place: ClusterPlace, number: number): Promise<ServerProcess> {
  return startServerProcess({
    name: `Flink TaskManager ${number}`,
    command: programs.java,
    arguments: flinkArguments(programs, place, {
      log: `taskmanager-${number}`,
      memory: ["-Xmx384m", "-XX:MaxDirectMemorySize=192m", "-XX:MaxMetaspaceSize=512m"],
      mainClass: "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
    }),
    readiness: { kind: "line", pattern: /Successful registration at resource manager/ },
    startSeconds,
  });
}

interface FlinkProcess {
  readonly log: string;
  readonly memory: readonly string[];
  readonly mainClass: string;
}

function flinkArguments(programs: FlinkPrograms, { folder }: ClusterPlace, flink: FlinkProcess): readonly string[] {
  return [
    ...quickStartFlags,
    ...flink.memory,
    ...openModules,
    `-Dlog.file=${join(folder, "log", `${flink.log}.log`)}`,
    `-Dlog4j.configurationFile=file://${join(folder, "log4j.properties")}`,
    ...["-cp", join(programs.flinkJars, "*"), flink.mainClass, "--configDir", folder],
  ];
}

/** Beam's job server for a Flink cluster: takes pipelines at `port`, gives them to the cluster at `flinkMaster`. */
export function startJobServer(
  { java, jobServerJars }: FlinkPrograms,
  options: { readonly folder: string; readonly port: number; readonly flinkMaster: string },
): Promise<ServerProcess> {
  return startServerProcess({
    name: "Beam job server",
    command: java,
    arguments: [
      ...quickStartFlags,
      "-Xmx512m",
      ...openModules,
      `-Dorg.slf4j.simpleLogger.logFile=${join(options.folder, "log", "job-server.log")}`,
      "-Dorg.slf4j.simpleLogger.showDateTime=true",
      "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS",
      ...["-cp", join(jobServerJars, "*"), "org.apache.beam.runners.flink.FlinkJobServerDriver"],
      ...["--job-host=localhost", `--job-port=${options.port}`, "--artifact-port=0", "--expansion-port=0"],
      `--artifacts-dir=${join(options.folder, "artifacts")}`,
      `--flink-master=${options.flinkMaster}`,
    ],
    readiness: { kind: "port", port: options.port },
    startSeconds,
  });
}

/** Beam's expansion service, which tells launchers how the Pub/Sub source for Java is made up. */
export function startExpansionService(
  { java, jobServerJars }: FlinkPrograms,
  options: { readonly folder: string; readonly port: number },
): Promise<ServerProcess> {
  return startServerProcess({
    name: "Beam expansion service",
    command: java,
    arguments: [
      ...quickStartFlags,
      "-Xmx256m",
      `-Dorg.slf4j.simpleLogger.logFile=${join(options.folder, "log", "expansion-service.log")}`,
      ...["-cp", join(jobServerJars, "*"), "org.apache.beam.sdk.expansion.service.ExpansionService"],
      // Flink's runner stalls on the source's other form, a splittable DoFn.
      ...[String(options.port), "--experiments=use_deprecated_read"],
      // Without it the service offers each jar of its class path, which it first reads whole.
      `--filesToStage=${join(options.folder, "flink-conf.yaml")}`,
    ],
    readiness: { kind: "port", port: options.port },
    startSeconds,
  });
}
