import { assert } from "chai";
import { mappingSchemaText } from "../../schema/mapping-grammar";

describe("JSON Schema of the mapping file", () => {
  it("knows the properties of every place, and refuses others", () => {
    const schema: unknown = JSON.parse(mappingSchemaText());
    assert.nestedInclude(schema, {
      additionalProperties: false,
      "properties.tables.items.additionalProperties": false,
      "properties.tables.items.properties.columns.additionalProperties.properties.type.type": "string",
      "properties.tables.items.properties.onDelete.enum[1]": "CASCADE",
    });
  });
});
