import { expect } from "chai";
import type { ColumnType } from "../../schema/column-type";
import type { MigrationPlan } from "../../schema/migration-plan";
import { compileRowIdentity } from "../../schema/row-identity";
import type { WireValue } from "../../schema/wire-value";
import { threeLevelPlan } from "../support/replication-history";

function identityOf(type: ColumnType): (value: WireValue) => string {
  const plan = threeLevelPlan({ onDelete: "NO ACTION", createParent: false });
  const tables = plan.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, type })),
  }));
  const identity = compileRowIdentity({ ...plan, tables } satisfies MigrationPlan);
  return (value) => identity(0, [value]);
}

describe("row identity", () => {
  const same: readonly [ColumnType, readonly WireValue[]][] = [
    [{ kind: "TIMESTAMP" }, ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000000000Z"]],
    [{ kind: "TIMESTAMP" }, ["2020-01-01T00:00:00.12Z", "2020-01-01T00:00:00.120000Z"]],
    [{ kind: "NUMERIC" }, ["100", "1E+2", "100.00", "1e2", "0100"]],
    [{ kind: "NUMERIC" }, ["0", "-0", "0.000", "0E5"]],
    [{ kind: "NUMERIC" }, ["-0.5", "-.5", "-5E-1", "-0.500"]],
    [{ kind: "INT64" }, ["5", "05", "+5"]],
    [{ kind: "FLOAT64" }, [1, "1", "1.0", 1.0]],
    [{ kind: "FLOAT64" }, [0, -0]],
    [{ kind: "FLOAT64" }, ["NaN", Number.NaN]],
    [{ kind: "BYTES", length: "MAX" }, ["YQ==", "YQ"]],
  ];
  for (const [type, values] of same) {
    it(`is one for each way to spell a ${type.kind}: ${values.map(String).join(", ")}`, () => {
      expect(new Set(values.map(identityOf(type))).size).to.equal(1);
    });
  }

  const different: readonly [ColumnType, readonly WireValue[]][] = [
    [{ kind: "STRING", length: "MAX" }, ["5", "05", "5 ", "", null, "null"]],
    [{ kind: "NUMERIC" }, ["1", "10", "0.1", "-1", "0"]],
    [{ kind: "TIMESTAMP" }, ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.01Z", null]],
    [{ kind: "FLOAT64" }, [1, 1.5, "NaN", "Infinity", "-Infinity", 0]],
  ];
  for (const [type, values] of different) {
    it(`differs for different values of ${type.kind}`, () => {
      expect(new Set(values.map(identityOf(type))).size).to.equal(values.length);
    });
  }

  it("does not mix up keys of several parts or tables", () => {
    const identity = compileRowIdentity(threeLevelPlan({ onDelete: "NO ACTION", createParent: false }));
    const ids = [
      identity(1, ["a", "b"]),
      identity(1, ["a,b", ""]),
      identity(2, ["a", "b"]),
      identity(1, ['a","b', ""]),
    ];
    expect(new Set(ids).size).to.equal(4);
  });
});
