import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emulatorClientEnvironment } from "../../scripts/emulators/spanner-database";
import { startSpannerEmulator } from "../../scripts/emulators/spanner-emulator";
import { DATA_FOLDER, openDataSet } from "../data-sets";
import { emulatorTable } from "./emulator-table";
import { measureRound, type Round } from "./measure-round";

const ITEMS = 100_000;
const ROUNDS = 5;

/** Measures `bulk --exclusive` into the Spanner emulator beside what the emulator takes at most, and prints a table. */
async function main(): Promise<void> {
  const input = await openDataSet(DATA_FOLDER, { set: "tutorial", items: ITEMS });
  const emulator = await startSpannerEmulator();
  const workFolder = await mkdtemp(join(tmpdir(), "bench-emulator-"));
  try {
    Object.assign(process.env, emulatorClientEnvironment, { SPANNER_EMULATOR_HOST: emulator.address });
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const measured = await measureRound(input, workFolder);
      rounds.push(measured);
      const { limit, bulk } = measured;
      process.stderr.write(`round ${round}: the emulator's limit ${limit.toFixed(1)} s, bulk ${bulk.toFixed(1)} s\n`);
    }
    process.stdout.write(emulatorTable(ITEMS, rounds));
  } finally {
    await rm(workFolder, { recursive: true, force: true });
    await emulator.stop();
  }
}

void main();
