import { expect } from "chai";
import type { AttributeValue, Item } from "../../schema/attribute-value";
import { formatColumnType, formatPostgresqlType, parseColumnType } from "../../schema/column-type";
import { compileValueConverter } from "../../schema/convert-value";
import { dynamodbJsonText } from "../../schema/json-text";
import { isSameValue } from "./same-value";
import { openWireDatabase, type WireDatabase } from "./wire-database";

/** Values at the edges of each type: what we send must be what Spanner gives back. */
const emoji = "👩‍🚀😀\u2028é";
const last = "9999-12-31T23:59:59.999999999Z";
const boundaries: Readonly<Record<string, readonly AttributeValue[]>> = {
  "STRING(MAX)": [
    ...["", " ", emoji, "\ud7ff\ue000\uffff", "'\"\\`\n\r\t", "__proto__"].map((S) => ({ S })),
    ...["1E-130", "-9.9999999999999999999999999999999999999E+125", "12345678901234567890123456789012345678"].map(
      (N) => ({ N }),
    ),
    { BOOL: true },
    { B: "/w==" },
  ],
  "STRING(4)": [{ S: "😀😀😀😀" }, { N: "-1E+2" }],
  "BYTES(MAX)": [
    { B: "" },
    { B: "AA==" },
    { B: Buffer.from(Uint8Array.from({ length: 256 }, (_, at) => at)).toString("base64") },
  ],
  "BYTES(2)": [{ B: "//8=" }],
  INT64: ["-9223372036854775808", "9223372036854775807", "9007199254740993", "0", "1E+18"].map((N) => ({ N })),
  NUMERIC: [`${"9".repeat(29)}.999999999`, `-${"9".repeat(29)}.999999999`, "1E-9", "-1E-9", "1E+28", "0"].map((N) => ({
    N,
  })),
  FLOAT64: ["0.1", "-13.7391432", "9007199254740992", "1E-130", "1.5E+125", "0", "123456789012345"].map((N) => ({ N })),
  FLOAT32: ["0.1", "16777216", "3.4028235E+38", "1E-45", "-1.1754944E-38", "0"].map((N) => ({ N })),
  BOOL: [{ BOOL: true }, { BOOL: false }, { S: "true" }],
  DATE: [...["0001-01-01", "9999-12-31", "2024-02-29", "1582-10-10"].map((S) => ({ S })), { N: "-62135596800" }],
  TIMESTAMP: [
    ...["0001-01-01T00:00:00Z", last, "2024-02-29T00:00:00.000000001+23:59", "1969-12-31T23:59:59.5Z"].map((S) => ({
      S,
    })),
    ...["0", "-0.000000001", "253402300799.999999999", "1E+9"].map((N) => ({ N })),
  ],
  JSON: [
    ...["", emoji, "{}", "\\u0000"].map((S) => ({ S })),
    ...["-9223372036854775808", "18446744073709551615", "18446744073709551616", "12345678901234567890123"].map((N) => ({
      N,
    })),
    ...["13.7391432", "0.1", "1E-130", "1E+125", "1E+22", "0.1000000000000000055511151231257827", "-2.5"].map((N) => ({
      N,
    })),
    { BOOL: false },
    { L: [{ NULL: true }, { L: [] }, { M: {} }] },
    { M: JSON.parse('{"__proto__":{"N":"1"},"":{"S":"empty"},"a.b":{"B":"AA=="},"😀":{"SS":["～","😀"]}}') },
    { NS: ["10", "9", "1E-130"] },
    deepest(),
  ],
  "ARRAY<STRING(MAX)>": [
    { L: [] },
    { L: [{ S: "b" }, { NULL: true }, { S: "a" }] },
    { SS: ["", "😀", "～"] },
    { NULL: true },
  ],
  "ARRAY<INT64>": [{ NS: ["-9223372036854775808", "9223372036854775807"] }, { L: [{ NULL: true }] }],
  "ARRAY<NUMERIC>": [{ NS: ["1E-9", "-1E+28"] }],
  "ARRAY<FLOAT64>": [{ NS: ["0.1", "1E-130"] }],
  "ARRAY<BYTES(MAX)>": [{ BS: ["", "/w==", "AA=="] }],
  "ARRAY<BOOL>": [{ L: [{ BOOL: true }, { NULL: true }] }],
  "ARRAY<DATE>": [{ SS: ["9999-12-31", "0001-01-01"] }],
  "ARRAY<TIMESTAMP>": [{ L: [{ N: "0" }, { S: last }] }],
  "ARRAY<JSON>": [{ L: [{ M: {} }, { NULL: true }, { N: "12345678901234567890123" }] }],
};

/** As deep as DynamoDB goes. */
function deepest(): AttributeValue {
  let value: AttributeValue = { S: "leaf" };
  for (let level = 0; level < 32; level += 1) value = level % 2 === 0 ? { L: [value] } : { M: { m: value } };
  return value;
}

/** Numbers that a PostgreSQL-dialect database keeps beyond what GoogleSQL does. */
const postgresqlBoundaries: typeof boundaries = {
  ...boundaries,
  NUMERIC: ["1E-130", "9.9999999999999999999999999999999999999E+125", "-0.1", "0"].map((N) => ({ N })),
};

for (const dialect of ["googlesql", "postgresql"] as const) {
  describe(`converted values in a ${dialect} database of the emulator`, function () {
    this.timeout(240_000);
    const cases = Object.entries(dialect === "googlesql" ? boundaries : postgresqlBoundaries);
    let database: WireDatabase;

    before(async () => {
      database = await openWireDatabase([...cases.map(tableDdl), keyTableDdl()], dialect);
    });

    after(() => database?.close());

    function tableDdl([type]: readonly [string, unknown], at: number): string {
      const column = parseColumnType(type);
      return dialect === "postgresql"
        ? `CREATE TABLE t${at} (id bigint PRIMARY KEY, v ${formatPostgresqlType(column)})`
        : `CREATE TABLE t${at} (id INT64, v ${formatColumnType(column)}) PRIMARY KEY (id)`;
    }

    function keyTableDdl(): string {
      return dialect === "postgresql"
        ? "CREATE TABLE keys (a varchar, b bytea, PRIMARY KEY (a, b))"
        : "CREATE TABLE keys (a STRING(MAX), b BYTES(MAX)) PRIMARY KEY (a, b)";
    }

    for (const [at, [type, values]] of cases.entries()) {
      it(`${type}: what is read is what was sent`, async () => {
        const convert = compileValueConverter(parseColumnType(type), { epoch: "seconds", lossy: false, dialect });
        const sent = values.map((value) => convert(value));
        await database.write(
          `t${at}`,
          ["id", "v"],
          sent.map((value, id) => [String(id), value]),
        );
        const found = await database.read(
          `t${at}`,
          ["id", "v"],
          sent.map((_, id) => [String(id)]),
        );
        for (const [id, value] of sent.entries()) {
          const back = found.find(([foundId]) => foundId === String(id))?.[1] ?? null;
          expect(
            isSameValue(type, value, back),
            `${JSON.stringify(value)} came back as ${JSON.stringify(back)}`,
          ).to.equal(true);
        }
      });
    }

    it("takes the JSON column of other attributes at its deepest", async () => {
      const json = cases.findIndex(([type]) => type === "JSON");
      const item: Item = JSON.parse(JSON.stringify({ deep: deepest(), n: { N: "1E-130" }, "": { SS: ["～", "😀"] } }));
      const sent = dynamodbJsonText(item, dialect);
      await database.write(`t${json}`, ["id", "v"], [["1000", sent]]);
      const [[back] = []] = await database.read(`t${json}`, ["v"], [["1000"]]);
      expect(JSON.parse(String(back))).to.deep.equal(JSON.parse(sent));
    });

    it("takes keys up to 8,192 bytes, empty ones too, and none that is longer", async () => {
      await database.write(
        "keys",
        ["a", "b"],
        [
          ["", ""],
          ["é".repeat(4095), "AAA="],
        ],
      );
      const tooLong = await database
        .write("keys", ["a", "b"], [["é".repeat(4096), "AA=="]])
        .catch((error: unknown) => error);
      expect(tooLong).to.be.instanceOf(Error);
    });

    it("keeps U+0000 in text", async () => {
      const table = `t${cases.findIndex(([name]) => name === "STRING(MAX)")}`;
      await database.write(table, ["id", "v"], [["2000", "a\0b"]]);
      expect(await database.read(table, ["v"], [["2000"]])).to.deep.equal([["a\0b"]]);
    });

    it(dialect === "postgresql" ? "refuses U+0000 in JSONB, as we do before it" : "keeps U+0000 in JSON", async () => {
      const table = `t${cases.findIndex(([name]) => name === "JSON")}`;
      const written = await database
        .write(table, ["id", "v"], [["2000", '"a\\u0000b"']])
        .catch((error: unknown) => error);
      if (dialect === "postgresql") expect(written).to.be.instanceOf(Error);
      else expect(await database.read(table, ["v"], [["2000"]])).to.deep.equal([['"a\\u0000b"']]);
    });
  });
}
