import { expect } from "chai";
import fc from "fast-check";
import type { Item } from "../../schema/attribute-value";
import { parseColumnType } from "../../schema/column-type";
import { ConversionError } from "../../schema/conversion-error";
import { compileItemConverter, compileKeyConverter } from "../../schema/item-converter";
import type { ColumnPlan, MigrationPlan, PathSegment, TablePlan } from "../../schema/migration-plan";
import { anyItem, anyName, anyValue } from "./arbitrary-item";

function column(
  name: string,
  type: string,
  path: readonly PathSegment[] = [name],
  more: Partial<ColumnPlan> = {},
): ColumnPlan {
  return {
    name,
    type: parseColumnType(type),
    notNull: false,
    lossy: false,
    source: { kind: "attribute", path },
    ...more,
  };
}

function table(columns: readonly ColumnPlan[], more: Partial<TablePlan> = {}): TablePlan {
  return {
    name: "T",
    columns,
    keyLength: 1,
    keyDescending: [false],
    level: 0,
    when: [],
    otherAttributes: "ignore",
    indexes: [],
    onDelete: "NO ACTION",
    createParent: false,
    versionTable: "T_Versions",
    ...more,
  };
}

function plan(tables: readonly TablePlan[], otherItems: MigrationPlan["otherItems"] = "error"): MigrationPlan {
  return { source: { table: "S", partitionKey: "Id" }, tables, otherItems };
}

function refusal(action: () => unknown): ConversionError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConversionError) return error;
    throw error;
  }
  return expect.fail("accepted");
}

const id = column("Id", "STRING(MAX)");
const other: ColumnPlan = { ...column("Extra", "JSON"), source: { kind: "otherAttributes" } };

describe("compileItemConverter", () => {
  it("gives a row with a value for every column, or a coded refusal, whatever the item", () => {
    const paths = fc.array(fc.oneof(anyName, fc.nat(3)), { maxLength: 2 });
    const columns = fc.array(
      fc.record({ first: anyName, rest: paths, type: fc.constantFrom("STRING(MAX)", "INT64", "JSON", "ARRAY<JSON>") }),
      { maxLength: 4 },
    );
    const others = fc.constantFrom("error" as const, "ignore" as const, { column: "Extra" });
    fc.assert(
      fc.property(columns, others, anyItem, anyValue, (extra, otherAttributes, item, key) => {
        const planned = extra.map(({ first, rest, type }, at) => column(`c${at}`, type, [first, ...rest]));
        const last = typeof otherAttributes === "object" ? [other] : [];
        const convert = compileItemConverter(plan([table([id, ...planned, ...last], { otherAttributes })]));
        try {
          const outcome = convert({ ...item, Id: key });
          if (outcome.kind !== "row") throw new Error("filtered");
          expect(outcome.values).to.have.length(1 + planned.length + last.length);
          expect(outcome.values).not.to.include(undefined);
        } catch (error) {
          expect(error).to.be.instanceOf(ConversionError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps every attribute, whichever columns there are, when the others go into a JSON column", () => {
    fc.assert(
      fc.property(anyItem, fc.array(anyName, { maxLength: 3 }), (item, names) => {
        const mapped = names.map((name, at) => column(`c${at}`, "JSON", [name]));
        const convert = compileItemConverter(
          plan([table([id, ...mapped, other], { otherAttributes: { column: "Extra" } })]),
        );
        const outcome = convert({ ...item, Id: { S: "1" } });
        const extra = outcome.kind === "row" ? JSON.parse(String(outcome.values.at(-1))) : expect.fail("filtered");
        expect(new Set([...Object.keys(extra), ...names, "Id"])).to.deep.equal(
          new Set([...Object.keys(item), ...names, "Id"]),
        );
      }),
    );
  });

  it("takes attributes of their own only, never what objects inherit", () => {
    const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"];
    const convert = compileItemConverter(plan([table([id, ...names.map((name) => column(name, "STRING(MAX)"))])]));
    const bare: Item = { Id: { S: "1" } };
    expect(convert(bare)).to.deep.equal({ kind: "row", table: 0, values: ["1", null, null, null, null, null] });
    const nested = compileItemConverter(
      plan([table([id, ...names.map((name) => column(name, "STRING(MAX)", ["M", name]))])]),
    );
    expect(nested({ ...bare, M: { M: {} } }))
      .to.have.property("values")
      .that.deep.equals(["1", null, null, null, null, null]);
    const own: Item = JSON.parse('{"Id":{"S":"1"},"__proto__":{"S":"p"},"constructor":{"S":"c"}}');
    expect(convert(own)).to.have.property("values").that.deep.equals(["1", "c", null, "p", null, null]);
  });

  it("takes the first table whose conditions all hold", () => {
    const convert = compileItemConverter(
      plan(
        [
          table([id], {
            when: [
              { attribute: "Id", beginsWith: "a" },
              { attribute: "Sk", equals: "1" },
            ],
          }),
          table([id], { when: [{ attribute: "Id", matches: "^[ab]$" }] }),
          table([id], { when: [{ attribute: "Id", equals: "aGk=" }] }),
          table([id], { when: [{ attribute: "Id", equals: "100" }] }),
        ],
        "ignore",
      ),
    );
    const chosen = (item: Item) => {
      const outcome = convert(item);
      return outcome.kind === "row" ? outcome.table : outcome.kind;
    };
    expect(chosen({ Id: { S: "ax" }, Sk: { N: "1.0" } })).to.equal(0);
    expect(chosen({ Id: { S: "a" }, Sk: { S: "2" } })).to.equal(1);
    expect(chosen({ Id: { S: "b" } })).to.equal(1);
    expect(chosen({ Id: { B: "aGk=" } })).to.equal(2);
    expect(chosen({ Id: { N: "1E+2" } })).to.equal(3);
    expect(chosen({ Id: { BOOL: true } })).to.equal("filtered");
    expect(chosen({})).to.equal("filtered");
  });

  it("refuses a key of more than 8,192 bytes, all columns together", () => {
    const key = table([id, column("N", "INT64"), column("B", "BYTES(MAX)")], { keyLength: 3 });
    const convert = compileItemConverter(plan([key]));
    const item = (length: number): Item => ({ Id: { S: "é".repeat(length) }, N: { N: "1" }, B: { B: "aGk=" } });
    expect(convert(item(4091)).kind).to.equal("row");
    const error = refusal(() => convert(item(4092)));
    expect(error.code).to.equal("E_CONVERSION_KEY_TOO_LONG");
    expect(error.table).to.equal("T");
  });

  it("applies match to text only, and to whole characters", () => {
    const matched = (match: string) =>
      compileItemConverter(
        plan([table([id, { ...column("A", "STRING(MAX)"), source: { kind: "attribute", path: ["A"], match } }])]),
      );
    const value = (match: string, A: Item[string]) => matched(match)({ Id: { S: "1" }, A });
    expect(value("^(.)", { S: "😀x" }))
      .to.have.property("values")
      .that.deep.equals(["1", "😀"]);
    expect(value("^(\\d)", { N: "1E+2" }))
      .to.have.property("values")
      .that.deep.equals(["1", "1"]);
    expect(value("^(x)", { NULL: true }))
      .to.have.property("values")
      .that.deep.equals(["1", null]);
    expect(value("^a(b)?", { S: "ab" }))
      .to.have.property("values")
      .that.deep.equals(["1", "b"]);
    expect(refusal(() => value("^a(b)?", { S: "ac" })).code).to.equal("E_CONVERSION_NO_MATCH");
    expect(refusal(() => value("^(x)", { BOOL: true })).code).to.equal("E_CONVERSION_TYPE");
  });

  it("names table, column and attribute, but no value", () => {
    const convert = compileItemConverter(plan([table([id, column("City", "INT64", ["Address", "a.b", 0])])]));
    const error = refusal(() => convert({ Id: { S: "1" }, Address: { M: { "a.b": { L: [{ S: "s3cr3t" }] } } } }));
    expect(error).to.include({ table: "T", column: "City", attribute: 'Address["a.b"][0]' });
    expect(error.message)
      .to.match(/^attribute Address\["a\.b"\]\[0\] → T\.City: /)
      .and.not.match(/s3cr3t/);
  });

  it("keeps what lies deepest within Spanner's 80 levels of JSON", () => {
    let deep: Item[string] = { S: "leaf" };
    for (let level = 0; level < 32; level += 1) deep = level % 2 === 0 ? { M: { m: deep } } : { L: [deep] };
    const convert = compileItemConverter(plan([table([id, other], { otherAttributes: { column: "Extra" } })]));
    const outcome = convert({ Id: { S: "1" }, deep });
    const text = outcome.kind === "row" ? String(outcome.values[1]) : "";
    const levels = Math.max(
      ...[...text].reduce<number[]>((depths, unit) => {
        const step = "{[".includes(unit) ? 1 : "}]".includes(unit) ? -1 : 0;
        depths.push((depths.at(-1) ?? 0) + step);
        return depths;
      }, []),
    );
    expect(levels).to.be.lessThan(80);
  });
});

describe("compileKeyConverter", () => {
  it("finds from the key attributes alone the row that the whole item becomes", () => {
    const tables = [
      table([column("K", "INT64", ["Id"]), column("V", "STRING(MAX)")], {
        when: [{ attribute: "Id", matches: "^\\d+$" }],
      }),
      table([column("K", "STRING(MAX)", ["Id"]), column("V", "STRING(MAX)", ["V"], { notNull: true })], {
        otherAttributes: "error",
      }),
    ];
    const whole = compileItemConverter(plan(tables));
    const keys = compileKeyConverter(plan(tables));
    for (const Id of [{ S: "7" }, { S: "x" }, { N: "7.0" }]) {
      const row = whole({ Id, V: { S: "v" } });
      if (row.kind !== "row") throw new Error("filtered");
      expect(keys({ Id })).to.deep.equal({ kind: "key", table: row.table, key: row.values.slice(0, 1) });
    }
    expect(refusal(() => keys({})).code).to.equal("E_CONVERSION_NO_KEY");
    const filtered = plan([table([id], { when: [{ attribute: "Id", equals: "1" }] })], "ignore");
    expect(compileKeyConverter(filtered)({ Id: { S: "2" } })).to.deep.equal({ kind: "filtered" });
  });
});
