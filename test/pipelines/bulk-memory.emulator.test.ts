import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { spannerEmulator } from "../support/spanner";
import { expectExit, runLoad, sampleMapping } from "./load";
import { createMappedDatabase } from "./mapped-database";
import { peakHook, peakKilobytes } from "./peak-memory";

const LONG = process.env["LONG_TESTS"] !== undefined;
const FEW_ITEMS = 25_000;
/** Enough that a leak of a tenth of each block would show; ten times more where time does not matter. */
const MANY_ITEMS = LONG ? 500_000 : 100_000;
const LARGEST_GROWTH = 1.3;

describe("memory of a bulk load", () => {
  spannerEmulator.use();

  it(`is the same for ${MANY_ITEMS} items as for ${FEW_ITEMS}`, async function () {
    this.timeout(LONG ? 900_000 : 300_000);
    const folder = await mkdtemp(join(tmpdir(), "bulk-memory-"));
    try {
      const few = await loadedWith(folder, FEW_ITEMS);
      const many = await loadedWith(folder, MANY_ITEMS);
      expect(many / few, `${many} KB against ${few} KB`).to.be.below(LARGEST_GROWTH);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Peak memory in KB of a load of so many items. */
async function loadedWith(folder: string, items: number): Promise<number> {
  const input = join(folder, `export-${items}`);
  await writeFakeExport({ set: "tutorial", items, seed: 1, files: 4, folder: input });
  const mapping = sampleMapping("migration");
  const database = await createMappedDatabase(mapping);
  const load = await runLoad({ database, mapping, input, folder, environment: await peakHook(folder) });
  expectExit(load, 0);
  expect(load.summary?.written).to.equal(items);
  return peakKilobytes(load);
}
