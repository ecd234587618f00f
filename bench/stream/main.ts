import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPubSubEmulator } from "../../scripts/emulators/pubsub-emulator";
import { emulatorClientEnvironment } from "../../scripts/emulators/spanner-database";
import { startSpannerEmulator } from "../../scripts/emulators/spanner-emulator";
import { measureStream } from "./measure-stream";
import { streamTable } from "./stream-table";

const RATES = [100, 1000, 3000] as const;
const SECONDS = 10;

/** Measures `stream` beside a plain script, through the emulators, and prints a table. */
async function main(): Promise<void> {
  const servers = await Promise.all([startSpannerEmulator(), startPubSubEmulator()]);
  const [spanner, pubsub] = servers;
  Object.assign(process.env, emulatorClientEnvironment, {
    SPANNER_EMULATOR_HOST: spanner.address,
    PUBSUB_EMULATOR_HOST: pubsub.address,
  });
  const workFolder = await mkdtemp(join(tmpdir(), "bench-stream-"));
  try {
    const measured = [];
    for (const rate of RATES) {
      for (const program of ["plain", "stream"] as const) {
        measured.push(await measureStream({ program, rate, changes: rate * SECONDS }, workFolder));
      }
    }
    process.stdout.write(streamTable(measured));
  } finally {
    await rm(workFolder, { recursive: true, force: true });
    await Promise.all(servers.map((server) => server.stop()));
  }
}

void main();
