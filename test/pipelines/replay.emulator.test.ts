import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { ReplaySummary } from "../../pipelines/run-replay";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { type DeadLetter, deadLetter, formatDeadLetter, parseDeadLetter } from "../../transforms/dead-letter";
import { exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { changeRecord } from "./item-changes";
import { expectError, expectExit, PROCESS_MILLISECONDS, runLoad, targetWords } from "./load";
import { changeRows, createMappedDatabase, queryRows } from "./mapped-database";

const mappingOf = (type: string) => ({
  source: { table: "Things", partitionKey: "PK", sortKey: "SK" },
  tables: [
    {
      name: "Things",
      primaryKey: ["Id"],
      when: { attribute: "SK", equals: "ALL" },
      columns: { Id: { type: "STRING(64)", from: "PK" }, Value: { type } },
    },
    {
      name: "Parts",
      interleaveIn: "Things",
      primaryKey: ["Id", "Part"],
      when: { attribute: "SK", beginsWith: "PART#" },
      columns: {
        Id: { type: "STRING(64)", from: "PK" },
        Part: { type: "STRING(64)", from: "SK", match: "^PART#(.+)$" },
        Value: { type: "STRING(MAX)" },
      },
    },
  ],
});

const thing = (id: string, value: string) => ({ PK: { S: id }, SK: { S: "ALL" }, Value: { S: value } });
const part = (id: string, name: string) => ({ PK: { S: id }, SK: { S: `PART#${name}` }, Value: { S: name } });

/** A message's dead letter, as the stream stores it. */
function messageLetter(item: ReturnType<typeof thing>, sequence: number, at: string): DeadLetter {
  const { PK, SK, ...image } = item;
  const record = changeRecord({ PK, SK }, sequence, image, { table: "Things" });
  return deadLetter(
    { code: "E_CONVERSION_TYPE", message: "as it was" },
    { messageId: `m-${item.PK.S}-${sequence}`, publishTime: at, sequenceNumber: String(sequence) },
    Buffer.from(JSON.stringify(record)),
    { at: new Date(at) },
  );
}

describe("replay", function () {
  this.timeout(PROCESS_MILLISECONDS);
  const folder = useFolder();
  let mapping: string;
  let database: EmulatorDatabase;
  let letters: string;

  beforeEach(async () => {
    letters = join(folder(), "dead-letters");
    mapping = join(folder(), "mapping.json");
    await mkdir(letters);
    await writeFile(mapping, JSON.stringify(mappingOf("STRING(MAX)")));
    database = await createMappedDatabase(mapping);
  });

  async function replay(expectedExit: number): Promise<ReplaySummary> {
    const summary = join(folder(), "replay-summary.json");
    const words = ["replay", "--mapping", mapping, "--dead-letters", letters, "--summary", summary];
    expectExit(await runCommand([...words, ...targetWords(database)]), expectedExit);
    return JSON.parse(await readFile(summary, "utf8")) as ReplaySummary;
  }

  async function lettersIn(path: string): Promise<Readonly<Record<string, readonly DeadLetter[]>>> {
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    const read = async (name: string) => {
      const lines = (await readFile(join(path, name), "utf8")).split("\n").filter((line) => line !== "");
      return [name, lines.map((line) => parseDeadLetter(line, name))] as const;
    };
    return Object.fromEntries(await Promise.all(files.map(read)));
  }

  const store = (name: string, content: readonly DeadLetter[]) =>
    writeFile(join(letters, name), content.map((letter) => `${formatDeadLetter(letter)}\n`).join(""));

  const things = () => queryRows(database, "SELECT Id, Value FROM Things ORDER BY Id");

  it("writes what a mended mapping permits, and keeps what fails again with its history", async () => {
    // As a load leaves them: a child without its parent; items whose value is too long for the column.
    await writeFile(mapping, JSON.stringify(mappingOf("STRING(4)")));
    const tight = await createMappedDatabase(mapping);
    const lines = [thing("a", "good"), thing("b", "much too long"), part("b", "1"), thing("c", "too long for c")];
    await writeFiles(folder(), exportFiles({ "a.json.gz": lines.map((Item) => JSON.stringify({ Item })) }));
    const load = await runLoad({ database: tight, mapping, input: folder(), folder: folder() });
    expectExit(load, 3);
    expect(load.summary).to.include({ read: 4, written: 1, deadLettered: 3 });

    // Mended, but not for c.
    await writeFile(mapping, JSON.stringify(mappingOf("STRING(13)")));
    await changeRows(tight, "DELETE FROM Things WHERE true");
    database = tight;
    const { Spanner } = await import("@google-cloud/spanner");
    const spanner = new Spanner({ projectId: tight.project });
    const handle = spanner.instance(tight.instance).database(tight.database, { min: 0 });
    const [operation] = await handle.updateSchema("ALTER TABLE Things ALTER COLUMN Value STRING(13)");
    await operation.promise();
    await handle.close();
    spanner.close();

    const summary = await replay(3);
    expect(summary).to.include({ read: 3, written: 2, deadLettered: 1, status: "dead-letters" });
    expect(await things()).to.deep.equal([["b", "much too long"]]);
    expect(await queryRows(database, "SELECT Id, Part FROM Parts")).to.deep.equal([["b", "1"]]);

    const left = Object.values(await lettersIn(letters)).flat();
    expect(left).to.have.length(1);
    expect(left[0]?.attempts).to.have.length(1);
    expect(left[0]?.attempts?.[0]).to.include({ code: "E_CONVERSION_TOO_LONG" });
    expect(Object.values(await lettersIn(join(letters, "done"))).flat()).to.have.length(2);

    expect(await replay(3)).to.include({ read: 1, written: 0, deadLettered: 1 });
    const again = Object.values(await lettersIn(letters)).flat();
    expect(again[0]?.attempts).to.have.length(2);
    expect(Object.values(await lettersIn(join(letters, "done"))).flat()).to.have.length(2);
  });

  it("never overwrites what is newer", async () => {
    const line = (item: object, at: string) =>
      deadLetter(
        { code: "E_CONVERSION_TYPE", message: "as it was" },
        { file: "gs://bucket/a.json.gz", line: 1 },
        Buffer.from(JSON.stringify({ Item: item })),
        { at: new Date(at) },
      );
    await changeRows(
      database,
      "INSERT INTO Things (Id, Value) VALUES ('changed', 'newer'), ('loaded', 'by another load'), ('same', 'same')",
      ...[
        "('changed', '0000000000000000000100000000000000000050', false)",
        "('gone', '0000000000000000000100000000000000000050', true)",
      ].map(
        (values) =>
          `INSERT INTO Things_Versions (Id, SequenceNumber, Deleted, AppliedAt) VALUES ${values.replace(")", ", PENDING_COMMIT_TIMESTAMP())")}`,
      ),
    );
    await store("dead-letters-1.jsonl", [
      line(thing("changed", "old line"), "2024-01-01T00:00:00Z"),
      line(thing("gone", "old line"), "2024-01-01T00:00:00Z"),
      line(thing("loaded", "old line"), "2024-01-01T00:00:00Z"),
      line(thing("same", "same"), "2024-01-01T00:00:00Z"),
      line(thing("twice", "older"), "2024-01-01T00:00:00Z"),
      line(thing("twice", "newer"), "2024-01-02T00:00:00Z"),
    ]);
    await store("dead-letters-2.jsonl", [
      messageLetter(thing("changed", "old change"), 49, "2024-01-01T00:00:00Z"),
      messageLetter(thing("gone", "old change"), 49, "2024-01-01T00:00:00Z"),
      messageLetter(thing("fresh", "older"), 1, "2024-01-02T00:00:00Z"),
      messageLetter(thing("fresh", "newer"), 2, "2024-01-01T00:00:00Z"),
      messageLetter(part("fresh", "1"), 3, "2024-01-03T00:00:00Z"),
    ]);
    expect(await replay(3)).to.include({ read: 11, deadLettered: 2, stale: 5, written: 4 });
    expect(await things()).to.deep.equal([
      ["changed", "newer"],
      ["fresh", "newer"],
      ["loaded", "by another load"],
      ["same", "same"],
      ["twice", "newer"],
    ]);
    expect(await queryRows(database, "SELECT Id, Part FROM Parts")).to.deep.equal([["fresh", "1"]]);
    const left = Object.values(await lettersIn(letters)).flat();
    expect(left.map(({ code }) => code)).to.deep.equal(["E_REPLAY_ROW_EXISTS", "E_REPLAY_ROW_EXISTS"]);
    expect(Object.keys(await lettersIn(join(letters, "done"))).sort()).to.deep.equal([
      "dead-letters-1.jsonl",
      "dead-letters-2.jsonl",
    ]);
    expect(Object.keys(await lettersIn(letters))).to.deep.equal(["dead-letters-1.jsonl"]);
  });

  it("does not take a folder that isn't there for one without dead letters", async () => {
    letters = join(folder(), "mistyped");
    const words = ["replay", "--mapping", mapping, "--dead-letters", letters];
    expectError(await runCommand([...words, ...targetWords(database)]), "E_STORAGE_NOT_FOUND", /mistyped/);
    expect(await readdir(folder())).not.to.include("mistyped");
  });
});
