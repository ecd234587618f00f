import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { progressStatements } from "../../schema/ddl";
import { originalBytes } from "../../transforms/dead-letter";
import { exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { expectAccounted, expectExit, PROCESS_MILLISECONDS, runLoad, sampleMapping, writeMapping } from "./load";
import { createMappedDatabase, queryRows } from "./mapped-database";

const tutorial = sampleMapping("migration");

/** An item of the tutorial's table. */
const item = (username: string, more = "") => `{"Item":{"Username":{"S":${JSON.stringify(username)}}${more}}}`;

/** A good line, and lines that each fail in a way of their own. */
const faults = {
  notANumber: item("not-a-number", ',"Zipcode":{"S":"8000 Zürich"}'),
  tooLarge: item("too-large", ',"PointsEarned":{"N":"9223372036854775808"}'),
  noDate: item("no-date", ',"ReminderDate":{"S":"2023-02-29"}'),
  unmapped: item("unmapped", ',"Nickname":{"S":"\u2028 a line separator is data"}'),
  noKey: '{"Item":{"Zipcode":{"N":"1"}}}',
  notJson: '{"Item":{"Username":{"S":"cut off"',
  noItem: '{"Username":{"S":"no Item around it"}}',
  twoTypes: '{"Item":{"Username":{"S":"two types"},"Zipcode":{"N":"1","S":"1"}}}',
  notUtf8: Buffer.concat([Buffer.from('{"Item":{"Username":{"S":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}}}')]),
  blank: "",
} as const;

describe("bulk: dead letters", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  const input = () => join(folder(), "export");

  it("keep each failed line byte for byte, with its place and its reason; all others are written", async () => {
    const database = await createMappedDatabase(tutorial);
    const { notANumber, tooLarge, noDate, unmapped, noKey, notJson, noItem, twoTypes, notUtf8, blank } = faults;
    const first = [item("good-1"), notANumber, item("good-2"), tooLarge, noDate, blank, unmapped, item("good-3")];
    const second = [noKey, notJson, noItem, twoTypes, notUtf8, item("good-4")];
    const files = exportFiles({ "aaaa.json.gz": first, "bbbb.json.gz": second });
    await writeFiles(input(), files);
    const result = await runLoad({ database, mapping: tutorial, input: input(), folder: folder() });

    expectExit(result, 3);
    const summary = expectAccounted(result.summary);
    expect(summary).to.include({ status: "dead-letters", read: 14, written: 4, deadLettered: 10, expected: 14 });
    expect(summary.files.map(({ written, deadLettered }) => [written, deadLettered])).to.deep.equal([
      [3, 5],
      [1, 5],
    ]);
    expect(result.stderr).to.match(/\[warn\] 10 dead letters in .*dead-letters, each with its reason/);

    const inFile = (name: string) =>
      result.deadLetters.filter(({ source }) => "file" in source && source.file.endsWith(`/data/${name}`));
    const told = (name: string) =>
      inFile(name).map(({ code, source, attribute, column }) => [
        "line" in source ? source.line : undefined,
        code,
        attribute,
        column,
      ]);
    expect(told("aaaa.json.gz")).to.deep.equal([
      [2, "E_CONVERSION_NOT_A_NUMBER", "Zipcode", "Zipcode"],
      [4, "E_CONVERSION_OUT_OF_RANGE", "PointsEarned", "PointsEarned"],
      [5, "E_CONVERSION_NOT_A_DATE", "ReminderDate", "ReminderDate"],
      [6, "E_LINE_NOT_JSON", undefined, undefined],
      [7, "E_CONVERSION_UNMAPPED_ATTRIBUTE", "Nickname", undefined],
    ]);
    expect(told("bbbb.json.gz")).to.deep.equal([
      [1, "E_CONVERSION_NO_KEY", "Username", "Username"],
      [2, "E_LINE_NOT_JSON", undefined, undefined],
      [3, "E_LINE_NO_ITEM", undefined, undefined],
      [4, "E_ITEM_SEVERAL_TYPES", "Zipcode", undefined],
      [5, "E_LINE_NOT_UTF8", undefined, undefined],
    ]);
    for (const [name, lines] of [
      ["aaaa.json.gz", first],
      ["bbbb.json.gz", second],
    ] as const) {
      for (const letter of inFile(name)) {
        const line = "line" in letter.source ? lines[letter.source.line - 1] : undefined;
        expect(originalBytes(letter).equals(Buffer.from(line ?? "?"))).to.equal(true, JSON.stringify(letter));
        expect(letter.message).to.not.equal("");
        expect(new Date(letter.at).toISOString()).to.equal(letter.at);
      }
    }
    expect(await queryRows(database, "SELECT Username FROM Migration ORDER BY Username")).to.deep.equal(
      ["good-1", "good-2", "good-3", "good-4"].map((name) => [name]),
    );
    expect((await readdir(join(folder(), "dead-letters"))).join()).to.match(
      /^dead-letters-\d{8}T\d{6}Z-[0-9a-f]{6}-1\.jsonl$/,
    );
  });

  it("leave no file where there is none", async () => {
    const database = await createMappedDatabase(tutorial);
    await writeFiles(input(), exportFiles({ "aaaa.json.gz": [item("good")] }));
    const result = await runLoad({ database, mapping: tutorial, input: input(), folder: folder() });
    expectExit(result, 0);
    expect(await readdir(join(folder(), "dead-letters")).catch(() => [])).to.deep.equal([]);
  });

  it("count beside the missing proof with --no-manifest", async () => {
    const database = await createMappedDatabase(tutorial);
    await writeFiles(input(), exportFiles({ "aaaa.json.gz": [item("good"), faults.noDate] }));
    const options = ["--no-manifest"];
    const result = await runLoad({ database, mapping: tutorial, input: input(), folder: folder(), options });
    expectExit(result, 3);
    expect(expectAccounted(result.summary)).to.include({ status: "dead-letters", written: 1, expected: null });
    expect(result.stderr)
      .to.match(/Unproven/)
      .and.to.match(/1 dead letter in/);
  });

  for (const options of [[], ["--exclusive"]]) {
    it(`take the rows that Spanner refuses, and only those (${options[0] ?? "not exclusive"})`, async () => {
      const database = await createTestDatabase([
        "CREATE TABLE Migration (Username STRING(1024) NOT NULL, PointsEarned INT64, ReminderDate DATE," +
          " Subscribed BOOL, Zipcode INT64, CONSTRAINT Positive CHECK (PointsEarned > 0)) PRIMARY KEY (Username)",
        "CREATE TABLE Migration_Versions (Username STRING(1024) NOT NULL, SequenceNumber STRING(40) NOT NULL," +
          " ChangedAt TIMESTAMP, WriteTimestampMicros INT64, Deleted BOOL NOT NULL," +
          " AppliedAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true)," +
          " TombstoneAt TIMESTAMP OPTIONS (allow_commit_timestamp = true)) PRIMARY KEY (Username)," +
          " ROW DELETION POLICY (OLDER_THAN(TombstoneAt, INTERVAL 30 DAY))",
        ...progressStatements("googlesql"),
      ]);
      const refused = new Set([3, 77, 78, 149]);
      const lines = Array.from({ length: 150 }, (_, index) =>
        item(
          `user-${String(index + 1).padStart(3, "0")}`,
          `,"PointsEarned":{"N":"${refused.has(index + 1) ? -1 : 1}"}`,
        ),
      );
      await writeFiles(input(), exportFiles({ "aaaa.json.gz": lines }));
      const result = await runLoad({ database, mapping: tutorial, input: input(), folder: folder(), options });
      expectExit(result, 3);
      expect(expectAccounted(result.summary)).to.include({ read: 150, written: 146, deadLettered: 4 });
      for (const letter of result.deadLetters) {
        expect(letter).to.include({ code: "E_SPANNER_ROW_REFUSED", table: "Migration" });
        expect(letter.message).to.match(/Positive/);
        expect("line" in letter.source && originalBytes(letter).toString()).to.equal(
          "line" in letter.source && lines[letter.source.line - 1],
        );
      }
      expect(result.deadLetters.map(({ source }) => "line" in source && source.line)).to.deep.equal([...refused]);
      const rows = await queryRows(database, "SELECT Username FROM Migration ORDER BY Username");
      expect(rows.map(([name]) => Number(String(name).slice(-3)))).to.deep.equal(
        Array.from({ length: 150 }, (_, index) => index + 1).filter((number) => !refused.has(number)),
      );
    });
  }

  describe("in three levels of interleaved tables", () => {
    const key = { type: "STRING(36)" };
    const match = (from: string, pattern: string) => ({ ...key, from, match: pattern });
    const mapping = {
      source: { table: "Shop", partitionKey: "PK", sortKey: "SK" },
      tables: [
        {
          name: "OrderLines",
          interleaveIn: "Orders",
          primaryKey: ["CustomerId", "OrderId", "LineId"],
          when: { attribute: "SK", beginsWith: "LINE#" },
          columns: {
            CustomerId: match("PK", "^CUSTOMER#(.+)$"),
            OrderId: match("SK", "^LINE#([^#]+)#.+$"),
            LineId: match("SK", "^LINE#[^#]+#(.+)$"),
            Quantity: { type: "INT64" },
          },
        },
        {
          name: "Orders",
          interleaveIn: "Customers",
          primaryKey: ["CustomerId", "OrderId"],
          when: { attribute: "SK", beginsWith: "ORDER#" },
          columns: { CustomerId: match("PK", "^CUSTOMER#(.+)$"), OrderId: match("SK", "^ORDER#(.+)$") },
        },
        {
          name: "Customers",
          primaryKey: ["CustomerId"],
          when: { attribute: "SK", equals: "PROFILE" },
          columns: { CustomerId: match("PK", "^CUSTOMER#(.+)$") },
        },
      ],
    };
    const shopItem = (customer: string, sk: string, more = "") =>
      `{"Item":{"PK":{"S":"CUSTOMER#${customer}"},"SK":{"S":"${sk}"}${more}}}`;

    for (const options of [[], ["--exclusive"]]) {
      it(`parents are written first, and orphans are told of as such (${options[0] ?? "not exclusive"})`, async () => {
        const path = await writeMapping(folder(), mapping);
        const database = await createMappedDatabase(path);
        // Children lie before their parents, in the same file and in other files.
        const family = (customer: string) => ({
          lines: ["1", "2"].map((line) => shopItem(customer, `LINE#o1#${line}`, ',"Quantity":{"N":"1"}')),
          order: shopItem(customer, "ORDER#o1"),
          profile: shopItem(customer, "PROFILE"),
        });
        const families = Array.from({ length: 40 }, (_, index) => family(`c${index}`));
        const files = exportFiles({
          "aaaa.json.gz": [
            ...families.flatMap(({ lines }) => lines),
            shopItem("c1", "LINE#no-such-order#1"),
            shopItem("nobody", "LINE#o1#1"),
            shopItem("c1", "LINE#o1#bad", ',"Quantity":{"N":"0.5"}'),
          ],
          "bbbb.json.gz": [shopItem("nobody", "ORDER#o1"), ...families.map(({ order }) => order)],
          "cccc.json.gz": [...families.map(({ profile }) => profile), shopItem("c1", "NOTE#1")],
        });
        await writeFiles(input(), files);
        const result = await runLoad({ database, mapping: path, input: input(), folder: folder(), options });
        expectExit(result, 3);
        expect(expectAccounted(result.summary)).to.include({ read: 165, written: 160, deadLettered: 5, expected: 165 });
        expect(
          result.deadLetters.map(({ code, table, source }) => [
            "file" in source && `${source.file.slice(-12)}:${source.line}`,
            table,
            code,
          ]),
        ).to.deep.equal([
          ["aaaa.json.gz:81", "OrderLines", "E_SPANNER_PARENT_MISSING"],
          ["aaaa.json.gz:82", "OrderLines", "E_SPANNER_PARENT_MISSING"],
          ["aaaa.json.gz:83", "OrderLines", "E_CONVERSION_INEXACT"],
          ["bbbb.json.gz:1", "Orders", "E_SPANNER_PARENT_MISSING"],
          ["cccc.json.gz:41", undefined, "E_CONVERSION_NO_TABLE"],
        ]);
        expect(result.stderr)
          .to.match(/Pass 1 of 3/)
          .and.to.match(/Pass 3 of 3/);
        expect(
          await queryRows(
            database,
            "SELECT (SELECT COUNT(*) FROM Customers), (SELECT COUNT(*) FROM Orders), (SELECT COUNT(*) FROM OrderLines)",
          ),
        ).to.deep.equal([["40", "40", "80"]]);
      });
    }

    for (const options of [[], ["--exclusive"]]) {
      it(`get key-only parents with createParent, and take nothing from those that are there (${options[0] ?? "not exclusive"})`, async () => {
        const tables = mapping.tables.map((table) => ({
          ...table,
          // Orders must have their customer; order lines may come without their order.
          ...(table.name === "OrderLines" ? { createParent: true } : {}),
          columns: { ...table.columns, ...(table.name === "OrderLines" ? {} : { Note: { type: "STRING(MAX)" } }) },
        }));
        const path = await writeMapping(folder(), { ...mapping, tables });
        const database = await createMappedDatabase(path);
        const note = ',"Note":{"S":"kept"}';
        const line = ',"Quantity":{"N":"1"}';
        const lines = [
          shopItem("c", "LINE#here#1", line),
          shopItem("c", "LINE#lost#1", line),
          shopItem("c", "LINE#lost#2", line),
          shopItem("nobody", "LINE#o#1", line),
          shopItem("c", "ORDER#here", note),
          shopItem("c", "PROFILE", note),
        ];
        await writeFiles(input(), exportFiles({ "aaaa.json.gz": lines }));
        const result = await runLoad({ database, mapping: path, input: input(), folder: folder(), options });
        expectExit(result, 3);
        expect(expectAccounted(result.summary)).to.include({ written: 5, deadLettered: 1 });
        expect(result.deadLetters.map(({ code, source }) => ["file" in source && source.line, code])).to.deep.equal([
          [4, "E_SPANNER_PARENT_MISSING"],
        ]);
        expect(
          await queryRows(database, "SELECT CustomerId, OrderId, Note FROM Orders ORDER BY OrderId"),
        ).to.deep.equal([
          ["c", "here", "kept"],
          ["c", "lost", null],
        ]);
        expect(
          await queryRows(database, "SELECT OrderId, LineId FROM OrderLines ORDER BY OrderId, LineId"),
        ).to.deep.equal([
          ["here", "1"],
          ["lost", "1"],
          ["lost", "2"],
        ]);
      });
    }
  });
});
