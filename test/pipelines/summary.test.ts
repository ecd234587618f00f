import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { exitCodeOf, probeSummary, renderSummary, type Status, summarise, writeSummary } from "../../pipelines/summary";
import { useFolder } from "../export/export-folder";
import { expectFailure } from "../export/failure";

const accounts = [
  {
    file: "a",
    expected: 1200,
    counts: { read: 1200, written: 1190, stale: 5, filtered: 3, deadLettered: 2, bytesRead: 9 },
  },
  { file: "b", expected: 34, counts: { read: 34, written: 34, stale: 0, filtered: 0, deadLettered: 0, bytesRead: 9 } },
];

describe("the summary", () => {
  const folder = useFolder();

  it("has an exit code for each status", () => {
    const codes: Record<Status, number> = {
      proven: 0,
      unproven: 0,
      interrupted: 1,
      failed: 1,
      "dead-letters": 3,
      unaccounted: 4,
    };
    for (const [status, code] of Object.entries(codes)) expect(exitCodeOf(status as Status), status).to.equal(code);
  });

  it("adds up the files", () => {
    expect(summarise("bulk", "dead-letters", accounts, 1234, 2.34567)).to.deep.equal({
      command: "bulk",
      status: "dead-letters",
      read: 1234,
      written: 1224,
      stale: 5,
      filtered: 3,
      deadLettered: 2,
      expected: 1234,
      elapsedSeconds: 2.346,
      files: [
        { file: "a", expected: 1200, read: 1200, written: 1190, stale: 5, filtered: 3, deadLettered: 2 },
        { file: "b", expected: 34, read: 34, written: 34, stale: 0, filtered: 0, deadLettered: 0 },
      ],
    });
  });

  it("says null where there is no manifest", () => {
    const summary = summarise(
      "bulk",
      "unproven",
      [{ ...accounts[1], file: "b", expected: undefined } as never],
      undefined,
      1,
    );
    expect(summary).to.include({ expected: null });
    expect(summary.files[0]).to.include({ expected: null });
    expect(renderSummary(summary)).to.match(/expected by the manifest\s+│\s+no manifest/);
  });

  it("is a table of the same counts", () => {
    const table = renderSummary(summarise("bulk", "dead-letters", accounts, 1234, 2));
    for (const [name, value] of [
      ["expected by the manifest", "1,234"],
      ["read", "1,234"],
      ["written", "1,224"],
      ["stale \\(a newer change was there\\)", "5"],
      ["filtered by the mapping", "3"],
      ["dead letters", "2"],
      ["files", "2"],
      ["seconds", "2"],
      ["rows per second", "612"],
      ["status", "dead-letters"],
    ]) {
      expect(table).to.match(new RegExp(`│ ${name}\\s+│\\s+${value} │`));
    }
  });

  it("is written as JSON, over an older one", async () => {
    const path = join(folder(), "summary.json");
    await writeSummary(path, { long: "x".repeat(100) });
    const summary = summarise("bulk", "proven", accounts, 1234, 2);
    await writeSummary(path, summary);
    expect(JSON.parse(await readFile(path, "utf8"))).to.deep.equal(summary);
  });

  it("fails with a code where it can't be written", async () => {
    const path = join(folder(), "none", "summary.json");
    await expectFailure(writeSummary(path, {}), "E_SUMMARY_UNWRITABLE", /none\/summary\.json can't be written: ENOENT/);
    await expectFailure(probeSummary(path), "E_SUMMARY_UNWRITABLE", /can't be written: ENOENT/);
    await expectFailure(probeSummary(folder()), "E_SUMMARY_UNWRITABLE", /it is a folder/);
  });

  it("is probed without a trace", async () => {
    const path = join(folder(), "summary.json");
    await probeSummary(path);
    expect(await readdir(folder())).to.deep.equal([]);
    await writeSummary(path, {});
    await probeSummary(path);
    expect(await readFile(path, "utf8")).to.equal("{}\n");
  });
});
