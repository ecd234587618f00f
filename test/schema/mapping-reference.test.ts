import { readFileSync } from "node:fs";
import { assert } from "chai";
import { parseMapping } from "../../schema/mapping";
import { mappingSchemaText } from "../../schema/mapping-grammar";
import { planMigration } from "../../schema/plan-migration";

const [, reference = ""] = /\n## The file\n([\s\S]*?)\n## /.exec(readFileSync("docs/mapping.md", "utf8")) ?? [];

describe("docs/mapping.md, the file", () => {
  it("shows a mapping that is valid", () => {
    const [, example = ""] = /```jsonc\n([\s\S]*?)```/.exec(reference) ?? [];
    const plan = planMigration(parseMapping(example, "docs/mapping.md"));
    assert.deepEqual(
      plan.tables.map(({ name, level }) => [name, level]),
      [
        ["Customers", 0],
        ["OrderLines", 2],
        ["CustomerOrders", 1],
      ],
    );
  });

  it("describes every property of the grammar", () => {
    const names = [...mappingSchemaText().matchAll(/"(\w+)": \{\n/g)].map(([, name]) => name ?? "");
    const structural = new Set(["properties", "items", "additionalProperties", "propertyNames"]);
    const undescribed = names.filter(
      (name) => !structural.has(name) && !new RegExp(`[\`"]${name}[\`"]`).test(reference),
    );
    assert.deepEqual(undescribed, []);
  });
});
