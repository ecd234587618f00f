import { expect } from "chai";
import { MigrationError } from "../../errors/migration-error";
import { formatRunFiles, parseRunFiles, parseRunRow, type RunFile } from "../../schema/run-record";

const file = (name: string): RunFile => ({
  file: name,
  md5: "q3wOyZ5yNpnhB0u1yZ6s0A==",
  ...{ expected: 1, read: 1, written: 1, stale: 0, filtered: 0, deadLettered: 0 },
});
const details = { counts: { read: 1 }, samples: [[0, 1]], rate: null, machine: "m", runner: "direct" };
const values = [
  ...["run-1", "bulk", "Orders", "hash", "proven", "2026-01-31T00:00:00Z", "2026-01-31T00:00:01Z", null],
  JSON.stringify({ ...details, deadLetters: null, failure: null }),
];

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof MigrationError) return error.code;
    throw error;
  }
  return "no error";
}

describe("A record of a run", () => {
  it("comes back as it was written", () => {
    expect(parseRunRow(values)).to.deep.include({ runId: "run-1", command: "bulk", status: "proven", endedAt: null });
    expect(parseRunRow(values).details.samples).to.deep.equal([[0, 1]]);
  });

  for (const [title, change] of [
    ["an unknown status", (row: (string | null)[]) => row.splice(4, 1, "fine")],
    ["details that are no JSON", (row: (string | null)[]) => row.splice(8, 1, "{")],
    ["details without counts", (row: (string | null)[]) => row.splice(8, 1, "{}")],
    ["a missing column", (row: (string | null)[]) => row.pop()],
  ] as const) {
    it(`is refused: ${title}`, () => {
      const row = [...values];
      change(row);
      expect(codeOf(() => parseRunRow(row))).to.equal("E_PROGRESS_UNREADABLE");
    });
  }

  it("keeps the files of an export", () => {
    expect(parseRunFiles(formatRunFiles([file("a"), file("b")]))).to.deep.equal({
      files: [file("a"), file("b")],
      leftOut: 0,
    });
    expect(parseRunFiles(null)).to.deep.equal({ files: [], leftOut: 0 });
  });

  it("says how many files it has no room for", () => {
    const files = Array.from({ length: 30_000 }, (_, index) => file(`gs://bucket/AWSDynamoDB/0/data/${index}.json.gz`));
    const text = formatRunFiles(files);
    expect(text.length).to.be.within(1_900_000, 2_000_100);
    const parsed = parseRunFiles(text);
    expect(parsed.files.length + parsed.leftOut).to.equal(30_000);
    expect(parsed.leftOut).to.be.above(0);
  });
});
