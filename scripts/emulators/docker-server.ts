import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { type LocalServer, startServerProcess } from "./server-process";

const run = promisify(execFile);

/** The first start downloads the image. */
const startSeconds = 300;

export interface DockerServer {
  readonly name: string;
  readonly image: string;
  /** The port that the server listens on inside the container; it gets a free port of 127.0.0.1 outside. */
  readonly containerPort: number;
  readonly arguments: readonly string[];
  readonly readyLine: RegExp;
}

/** Whether a Docker client is installed and its engine answers. */
export async function dockerEngineAnswers(): Promise<boolean> {
  try {
    await run("docker", ["info"], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a server as a container that is removed when it ends.
 *
 * @throws MigrationError E_EMULATOR_START when the container does not become ready.
 */
export async function startDockerServer(server: DockerServer): Promise<LocalServer> {
  const container = `dynamodb-spanner-${randomBytes(6).toString("hex")}`;
  const { stop } = await startServerProcess({
    name: `${server.name} (Docker)`,
    command: "docker",
    arguments: [
      "run",
      "--rm",
      "--name",
      container,
      "--publish",
      `127.0.0.1::${server.containerPort}`,
      server.image,
      ...server.arguments,
    ],
    readiness: { kind: "line", pattern: server.readyLine },
    startSeconds,
    // The container belongs to the engine: it would survive its `docker run`.
    killCommand: ["docker", "kill", container],
  });
  try {
    const { stdout } = await run("docker", ["port", container, String(server.containerPort)]);
    const [address] = stdout.trim().split("\n");
    return { address: address ?? "", stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
