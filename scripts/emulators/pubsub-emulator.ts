import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors/migration-error";
import { dockerEngineAnswers, startDockerServer } from "./docker-server";
import { freePort } from "./free-port";
import { gcloudFile } from "./gcloud-sdk";
import { javaProgram, quickStartFlags } from "./java-program";
import { type LocalServer, startServerProcess } from "./server-process";

const name = "Pub/Sub emulator";
const image = "gcr.io/google.com/cloudsdktool/google-cloud-cli:emulators";
const containerPort = 8085;
const startSeconds = 60;
const startedLine = /Server started, listening on/;
const jarName = /^cloud-pubsub-emulator-.*-all\.jar$/;

/**
 * Starts Google's Pub/Sub emulator on a free port, or takes the one that PUBSUB_EMULATOR_HOST names (then `stop` does
 * nothing). It is looked for in the Google Cloud CLI installation (and needs Java), then in Docker.
 *
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_START.
 */
export async function startPubSubEmulator(): Promise<LocalServer> {
  const running = process.env["PUBSUB_EMULATOR_HOST"];
  if (running !== undefined && running !== "") {
    return { address: running, stop: async () => {} };
  }
  const jar = await emulatorJar();
  const java = javaProgram();
  if (jar !== undefined && java !== undefined) {
    return startJar(java, jar);
  }
  if (await dockerEngineAnswers()) {
    return startDockerServer({
      name,
      image,
      containerPort,
      arguments: ["gcloud", "beta", "emulators", "pubsub", "start", `--host-port=0.0.0.0:${containerPort}`],
      readyLine: startedLine,
    });
  }
  throw new MigrationError("E_EMULATOR_MISSING", missingMessage(jar));
}

function missingMessage(jar: string | undefined): string {
  const start = "The Pub/Sub emulator can't be had: PUBSUB_EMULATOR_HOST is not set, ";
  return jar === undefined
    ? `${start}no Google Cloud CLI on this machine holds it, and no Docker engine answers. Install it with ` +
        "`gcloud components install pubsub-emulator` (or, where gcloud came from a package manager, " +
        "`sudo apt-get install google-cloud-cli-pubsub-emulator`); it needs Java 11 or newer too."
    : `${start}there is no Java to run ${jar}, and no Docker engine answers. Install Java 11 or newer ` +
        "(`sudo apt-get install default-jre-headless`, `brew install openjdk`).";
}

/** The jar's name holds its version. */
async function emulatorJar(): Promise<string | undefined> {
  const folder = await gcloudFile(join("platform", "pubsub-emulator", "lib"));
  if (folder === undefined) return undefined;
  const jar = (await readdir(folder)).find((file) => jarName.test(file));
  return jar === undefined ? undefined : join(folder, jar);
}

async function startJar(java: string, jar: string): Promise<LocalServer> {
  const port = await freePort();
  const { stop } = await startServerProcess({
    name,
    command: java,
    // The wrapper script beside the jar is not used: its JVM outlives it.
    arguments: [...quickStartFlags, "-jar", jar, "--host=localhost", `--port=${port}`],
    readiness: { kind: "line", pattern: startedLine },
    startSeconds,
  });
  return { address: `localhost:${port}`, stop };
}
