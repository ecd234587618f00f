import { MigrationError } from "../../errors/migration-error";
import { dockerEngineAnswers, startDockerServer } from "./docker-server";
import { gcloudFile } from "./gcloud-sdk";
import { type LocalServer, startServerProcess } from "./server-process";

const name = "Spanner emulator";
const image = "gcr.io/cloud-spanner-emulator/emulator";
const grpcPort = 9010;
const startSeconds = 30;
const addressLine = /Server address: (\S+)/;

export interface SpannerEmulatorOptions {
  /** Flags of `emulator_main`, such as `--enable_fault_injection`; not used where the emulator runs already. */
  readonly flags?: readonly string[];
}

/**
 * Starts Google's Spanner emulator on a free port, or takes the one that SPANNER_EMULATOR_HOST names (then `stop` does
 * nothing). It is looked for in the Google Cloud CLI installation, then in Docker.
 *
 * `gcloud emulators spanner start` is not used: it leaves its children running when it is killed.
 *
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_START.
 */
export async function startSpannerEmulator(options: SpannerEmulatorOptions = {}): Promise<LocalServer> {
  const running = process.env["SPANNER_EMULATOR_HOST"];
  if (running !== undefined && running !== "") {
    return { address: running, stop: async () => {} };
  }
  return startOwnSpannerEmulator(options);
}

/** As `startSpannerEmulator`, whatever SPANNER_EMULATOR_HOST says: for tests that end or hinder their emulator. */
export async function startOwnSpannerEmulator({ flags = [] }: SpannerEmulatorOptions = {}): Promise<LocalServer> {
  const binary = await gcloudFile("bin/cloud_spanner_emulator/emulator_main");
  if (binary !== undefined) {
    const { announced, stop } = await startServerProcess({
      name,
      command: binary,
      arguments: ["--host_port=localhost:0", ...flags],
      readiness: { kind: "line", pattern: addressLine },
      startSeconds,
    });
    return { address: announced, stop };
  }
  if (await dockerEngineAnswers()) {
    return startDockerServer({
      name,
      image,
      containerPort: grpcPort,
      arguments: flags.length === 0 ? [] : ["./emulator_main", `--host_port=0.0.0.0:${grpcPort}`, ...flags],
      readyLine: addressLine,
    });
  }
  throw new MigrationError(
    "E_EMULATOR_MISSING",
    "The Spanner emulator was not found: SPANNER_EMULATOR_HOST is not set, no Google Cloud CLI on this machine holds " +
      "it, and no Docker engine answers. Install it with `gcloud components install cloud-spanner-emulator` (or, where " +
      "gcloud came from a package manager, `sudo apt-get install google-cloud-cli-spanner-emulator`).",
  );
}
