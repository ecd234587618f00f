import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { parseMapping } from "../../schema/mapping";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { useFolder } from "../export/export-folder";
import { type CommandResult, runCommand } from "../support/command-line";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { expectAccounted, expectExit, runLoad, targetWords } from "./load";
import { countRows } from "./mapped-database";
import { peakHook, peakKilobytes } from "./peak-memory";

const LONG = process.env["LONG_TESTS"] !== undefined;
const FEW_ITEMS = 25_000;
const MANY_ITEMS = LONG ? 1_000_000 : 100_000;
/** Sketches and bounded samples fill up with the first tens of thousands of items. */
const LARGEST_GROWTH = 1.4;

describe("memory of a profile", () => {
  spannerEmulator.use();
  const folder = useFolder();

  async function profile(items: number): Promise<CommandResult & { readonly input: string; readonly mapping: string }> {
    const input = join(folder(), `export-${items}`);
    await writeFakeExport({ set: "shop", items, seed: 1, files: 4, folder: input });
    const mapping = join(folder(), `${items}.json`);
    const profiled = await runCommand(["profile", "--input", input, "--out", mapping], await peakHook(folder()));
    expectExit(profiled, 0);
    expect(profiled.stderr).to.include(`Proven: ${items} items convert`);
    return { ...profiled, input, mapping };
  }

  it(`is the same for ${MANY_ITEMS} items as for ${FEW_ITEMS}`, async function () {
    this.timeout(LONG ? 3_600_000 : 300_000);
    const few = await profile(FEW_ITEMS);
    const many = await profile(MANY_ITEMS);
    const [less, more] = [peakKilobytes(few), peakKilobytes(many)];
    expect(more / less, `${more} KB against ${less} KB`).to.be.below(LARGEST_GROWTH);

    // The mapping of the many is then loaded as it is; few where time matters.
    const { input, mapping } = LONG ? many : few;
    const items = LONG ? MANY_ITEMS : FEW_ITEMS;
    const database = await createTestDatabase([]);
    expectExit(await runCommand(["schema", "apply", "--mapping", mapping, ...targetWords(database)]), 0);
    const load = await runLoad({ database, mapping, input, folder: folder(), options: ["--exclusive"] });
    expectExit(load, 0);
    expect(expectAccounted(load.summary).written).to.equal(items);
    expect(load.deadLetters).to.deep.equal([]);
    const { tables } = parseMapping(await readFile(mapping, "utf8"), mapping);
    expect(tables.map(({ interleaveIn }) => interleaveIn)).to.have.members([undefined, "Customers", "Orders"]);
    const rows = await Promise.all(tables.map(({ name }) => countRows(database, name)));
    expect(rows.reduce((sum, each) => sum + each, 0)).to.equal(items);
  });
});
