import { expect } from "chai";
import { ATTRIBUTE_TAGS, type AttributeTag, type AttributeValue, tagOf } from "../../schema/attribute-value";
import { type Dialect, formatPostgresqlType, parseColumnType } from "../../schema/column-type";
import { ConversionError } from "../../schema/conversion-error";
import { compileValueConverter } from "../../schema/convert-value";
import type { WireValue } from "../../schema/wire-value";
import { cells, document, exampleValue, json, tableRows } from "./mapping-document";

/** What the column is sent, or the code of the refusal. */
function outcome(type: string, value: AttributeValue, dialect: Dialect = "googlesql"): WireValue {
  try {
    return compileValueConverter(parseColumnType(type), { epoch: "seconds", lossy: false, dialect })(value);
  } catch (error) {
    if (error instanceof ConversionError) return error.code;
    throw error;
  }
}

/** STRING(5) and ARRAY<…> as the overview's columns name them. */
function family(type: string): string {
  return type.replace(/[(<].*$/, "");
}

describe("the conversion table in docs/mapping.md", () => {
  const pairs = tableRows("from", "to", "in PostgreSQL");
  const inPostgresql = tableRows("from", "to", "example");
  const documented = new Map(pairs.map(([from = "", to = ""]) => [`${from} → ${family(to)}`, to]));

  for (const [from = "", to = "", postgresql = "", , example = "", stored = "", refused = "", code = ""] of pairs) {
    it(`${from} → ${to}: is ${postgresql} in a PostgreSQL-dialect database, with the same outcome`, () => {
      expect(formatPostgresqlType(parseColumnType(to))).to.equal(postgresql);
      for (const [cell, result] of [
        [example, stored],
        [refused, code],
      ] as const) {
        const differs = inPostgresql.some((row) => row[0] === from && row[1] === to && row[2] === cell);
        if (cell === "" || differs) continue;
        const expected = result.startsWith("E_") ? result : json(result);
        expect(outcome(to, exampleValue(cell), "postgresql"), cell).to.deep.equal(expected);
      }
    });

    it(`${from} → ${to}: stores the example as it says`, () => {
      const value = exampleValue(example);
      expect(tagOf(value)).to.equal(from);
      expect(outcome(to, value)).to.deep.equal(json(stored));
    });

    if (refused === "") continue;
    it(`${from} → ${to}: refuses ${refused} with ${code}`, () => {
      const value = exampleValue(refused);
      expect(tagOf(value)).to.equal(from);
      expect(outcome(to, value)).to.equal(code);
    });
  }

  for (const [from = "", to = "", example = "", result = ""] of inPostgresql) {
    it(`${from} → ${to}: ${example} has another outcome in a PostgreSQL-dialect database`, () => {
      const value = exampleValue(example);
      expect(tagOf(value)).to.equal(from);
      const expected = result.startsWith("E_") ? result : json(result);
      expect(outcome(to, value, "postgresql")).to.deep.equal(expected);
      expect(outcome(to, value)).to.not.deep.equal(expected);
    });
  }

  it("has an example of every type that DynamoDB has", () => {
    expect([...new Set(pairs.map(([from]) => from))]).to.have.members([...ATTRIBUTE_TAGS]);
  });

  const typeNames = cells(document.split("\n").find((line) => line.startsWith("| | STRING")) ?? "").slice(1);
  const samples: Readonly<Record<string, string>> = {
    STRING: "STRING(MAX)",
    BYTES: "BYTES(MAX)",
    ARRAY: "ARRAY<JSON>",
  };
  const values: Readonly<Record<AttributeTag, readonly AttributeValue[]>> = {
    S: [{ S: "" }, { S: "1" }, { S: "true" }, { S: "2024-02-29" }, { S: "aGk=" }, { S: "[]" }],
    N: [{ N: "0" }, { N: "1" }, { N: "20240229" }],
    B: [{ B: "" }, { B: "aGk=" }],
    BOOL: [{ BOOL: true }, { BOOL: false }],
    NULL: [{ NULL: true }],
    M: [{ M: {} }, { M: { S: { S: "x" } } }],
    L: [{ L: [] }, { L: [{ S: "x" }] }],
    SS: [{ SS: ["x"] }],
    NS: [{ NS: ["1"] }],
    BS: [{ BS: ["aGk="] }],
  };

  it("names every Spanner type in its overview", () => {
    expect(typeNames).to.have.members([
      "STRING",
      "BYTES",
      "INT64",
      "NUMERIC",
      "FLOAT64",
      "FLOAT32",
      "BOOL",
      "DATE",
      "TIMESTAMP",
      "JSON",
      "ARRAY",
    ]);
  });

  for (const [tag = "", ...answers] of tableRows("", "STRING", "BYTES")) {
    for (const [at, typeName] of typeNames.entries()) {
      const answer = answers[at];
      it(`${tag} → ${typeName}: ${answer}`, () => {
        const outcomes = values[tag as AttributeTag].map((value) => outcome(samples[typeName] ?? typeName, value));
        const refusals = outcomes.filter((result) => result === "E_CONVERSION_TYPE");
        expect(answer).to.be.oneOf(["yes", "if", "no"]);
        expect(refusals).to.have.length(answer === "no" ? outcomes.length : 0);
        if (answer === "yes") expect(outcomes.filter((result) => String(result).startsWith("E_"))).to.deep.equal([]);
        expect(documented.has(`${tag} → ${typeName}`), "has an example").to.equal(answer !== "no");
      });
    }
  }
});
