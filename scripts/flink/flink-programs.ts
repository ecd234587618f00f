import { MigrationError } from "../../errors/migration-error";
import { javaProgram } from "../emulators/java-program";
import { mavenJar, mavenJars } from "./maven-jars";

/** The Flink that the job server's Beam knows (1.19), at its last patch release. */
export const FLINK_VERSION = "1.19.3";
/** The last Beam whose Flink runner, harness and vendored libraries are all of one version in Maven Central. */
export const BEAM_JAVA_VERSION = "2.62.0";

const LOG4J_VERSION = "2.17.1";

export interface FlinkPrograms {
  readonly java: string;
  /** Folder of Flink's own jars: no Beam among them, as on a cluster that knows nothing of us. */
  readonly flinkJars: string;
  /** Folder of the jars of Beam's job server and expansion service. The job server sends them to the cluster with each job. */
  readonly jobServerJars: string;
}

/** Whether streams can be run too: they need Beam's Pub/Sub source for Java, a third more to send with each job. */
export type FlinkUse = "bulk" | "bulk and stream";

const PUBSUB_ARTIFACTS = [
  `org.apache.beam:beam-sdks-java-io-google-cloud-platform:${BEAM_JAVA_VERSION}`,
  `org.apache.beam:beam-sdks-java-expansion-service:${BEAM_JAVA_VERSION}`,
  `org.apache.beam:beam-sdks-java-harness:${BEAM_JAVA_VERSION}`,
] as const;

/**
 * What Flink's client brings along for parts that the job server does not play: a JobManager's RPC system and its
 * high availability, and a profiler.
 */
const UNUSED_ARTIFACTS = [
  "org.apache.flink:flink-rpc-akka-loader",
  "org.apache.flink:flink-shaded-zookeeper-3",
  "tools.profiler:async-profiler",
] as const;

/**
 * Finds or downloads (once, some 220 MB, or 300 MB with what streams need) what a Flink cluster and
 * Beam's job server consist of. Needs Java 11 or 17, and Maven for the download.
 *
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_INSTALL
 */
export async function installFlink(use: FlinkUse): Promise<FlinkPrograms> {
  const java = javaProgram();
  if (java === undefined) {
    throw new MigrationError(
      "E_EMULATOR_MISSING",
      "Flink can't be had: there is no Java (`sudo apt-get install default-jre-headless`, `brew install openjdk@17`).",
    );
  }
  // One after the other: both write to Maven's own cache.
  const flinkJars = await mavenJars(`flink-${FLINK_VERSION}`, [
    `org.apache.flink:flink-clients:${FLINK_VERSION}`,
    `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J_VERSION}`,
    `org.apache.logging.log4j:log4j-core:${LOG4J_VERSION}`,
  ]);
  const pubsub = use === "bulk and stream";
  const jobServerName = `beam-flink-job-server-${BEAM_JAVA_VERSION}${pubsub ? "-pubsub" : ""}-shaded`;
  const jobServerArtifacts = [
    `org.apache.beam:beam-runners-flink-1.19:${BEAM_JAVA_VERSION}`,
    // The runner measures objects with it, and does not declare it.
    "com.github.jbellis:jamm:0.4.0",
    "org.slf4j:slf4j-simple:1.7.36",
    ...(pubsub ? PUBSUB_ARTIFACTS : []),
  ] as const;
  // One jar: Flink's store of files takes 80 ms for each jar that a job brings, whatever its size.
  const jobServerJars = await mavenJar(jobServerName, jobServerArtifacts, UNUSED_ARTIFACTS);
  return { java, flinkJars, jobServerJars };
}
