import { join } from "node:path";
import { MigrationError } from "../../errors/migration-error";
import { dockerEngineAnswers, startDockerServer } from "./docker-server";
import { freePort } from "./free-port";
import { cachedProgram, runInstaller } from "./program-cache";
import { programPath } from "./program-path";
import { type LocalServer, startServerProcess } from "./server-process";

const name = "Cloud Storage emulator";
const version = "1.56.1";
const containerPort = 4443;
const startSeconds = 30;
const startedLine = /server started at/;

/**
 * Starts fake-gcs-server on a free port, with its objects in memory, or takes the one that STORAGE_EMULATOR_HOST names
 * (then `stop` does nothing). Google has no Cloud Storage emulator of its own. It is built once by Go, else taken from
 * Docker.
 *
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_INSTALL, E_EMULATOR_START.
 */
export async function startFakeGcsServer(): Promise<LocalServer> {
  const running = process.env["STORAGE_EMULATOR_HOST"];
  if (running !== undefined && running !== "") {
    return { address: running.replace(/^http:\/\//, "").replace(/\/$/, ""), stop: async () => {} };
  }
  if (programPath("go") !== undefined) {
    return startBuiltServer(await installFakeGcsServer());
  }
  if (await dockerEngineAnswers()) {
    return startDockerServer({
      name,
      image: `fsouza/fake-gcs-server:${version}`,
      containerPort,
      arguments: ["-backend", "memory", "-scheme", "http", "-port", String(containerPort)],
      readyLine: startedLine,
    });
  }
  throw new MigrationError(
    "E_EMULATOR_MISSING",
    "The Cloud Storage emulator (fake-gcs-server) can't be had: STORAGE_EMULATOR_HOST is not set, there is no Go on " +
      "PATH to build it, and no Docker engine answers. Install Go: https://go.dev/doc/install",
  );
}

/** Builds fake-gcs-server where the cache lacks it, and returns the program's path. Needs Go and its module proxy. */
export async function installFakeGcsServer(): Promise<string> {
  const folder = await cachedProgram(`fake-gcs-server-${version}`, (target) =>
    runInstaller("go", ["install", `github.com/fsouza/fake-gcs-server@v${version}`], {
      folder: target,
      environment: { GOBIN: target },
    }),
  );
  return join(folder, "fake-gcs-server");
}

async function startBuiltServer(program: string): Promise<LocalServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const [host = "", port = ""] = address.split(":");
  const { stop } = await startServerProcess({
    name,
    command: program,
    arguments: [
      ...["-backend", "memory", "-scheme", "http", "-host", host, "-port", port],
      // Without these two, the links in its answers (of resumable uploads, say) lead elsewhere.
      ...["-public-host", address, "-external-url", `http://${address}`],
    ],
    readiness: { kind: "line", pattern: startedLine },
    startSeconds,
  });
  return { address, stop };
}
