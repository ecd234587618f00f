import { z } from "zod";

/**
 * The grammar of the mapping file, declared once: the types, the validation and the published JSON Schema
 * (schema/mapping.schema.json) all come from here. What a grammar can't say (which names refer to what, which items
 * would overwrite each other) is in check-mapping.ts.
 */

const name = z.string().min(1, { error: "must not be empty" });

export const conditionGrammar = z
  .strictObject({
    attribute: name.describe("A key attribute of the DynamoDB table: its partition or its sort key."),
    equals: z.string().optional().describe("The attribute's whole text."),
    beginsWith: z
      .string()
      .min(1, { error: "must not be empty: every text begins with nothing" })
      .optional()
      .describe("What the attribute's text begins with."),
    matches: z
      .string()
      .min(1, { error: "must not be empty" })
      .optional()
      .describe("A regular expression (JavaScript, with the u flag) that the attribute's text must match."),
  })
  .meta({
    description: "A test on a key attribute; exactly one of equals, beginsWith and matches.",
    oneOf: [{ required: ["equals"] }, { required: ["beginsWith"] }, { required: ["matches"] }],
  });

const pathSegment = z.union([z.string(), z.int().min(0)], { error: "must be a name or a list index (0, 1, …)" });

export const columnGrammar = z.strictObject({
  type: z
    .string()
    .describe(
      "STRING(n|MAX), BYTES(n|MAX), INT64, FLOAT64, FLOAT32, NUMERIC, BOOL, DATE, TIMESTAMP, JSON or ARRAY<one of these>.",
    ),
  from: z
    .union([z.string(), z.array(pathSegment).min(1, { error: "must hold at least one segment" })], {
      error: "must be a path such as Address.Lines[0], or a list of its segments such as [Address, Lines, 0]",
    })
    .optional()
    .describe(
      "The attribute that fills the column; by default the one of the column's name. A dotted path reaches into maps and lists (Address.Lines[0]); a list of segments does so for names that hold dots.",
    ),
  match: z
    .string()
    .optional()
    .describe(
      "A regular expression (JavaScript, with the u flag); the column takes the text of its first capture group.",
    ),
  epoch: z
    .enum(["seconds", "milliseconds", "microseconds", "nanoseconds"])
    .optional()
    .describe("The attribute is a Number that counts these units since 1970-01-01T00:00:00Z."),
  notNull: z
    .boolean()
    .optional()
    .describe("The column is NOT NULL: an item without the attribute becomes a dead letter. Key columns always are."),
  lossy: z
    .boolean()
    .optional()
    .describe("Permits rounding (never wrapping) where the column can't hold a value exactly."),
});

const columnOrder = name.describe("A column's name, with DESC behind it for descending order.");

export const indexGrammar = z.strictObject({
  name: name.describe("The index's name; indexes and tables share one name space."),
  columns: z.array(columnOrder).min(1, { error: "must name at least one column" }),
  storing: z.array(name).optional().describe("Further columns whose values the index keeps."),
  unique: z.boolean().optional(),
  nullFiltered: z.boolean().optional().describe("Rows with NULL in an indexed column are left out of the index."),
  interleaveIn: name
    .optional()
    .describe("The table, an ancestor of the indexed one, beside whose rows the entries are kept."),
});

export const tableGrammar = z.strictObject({
  name: name.describe("The Spanner table's name."),
  primaryKey: z
    .array(columnOrder)
    .min(1, { error: "must name at least one column: all items would land on one row" })
    .describe("The key's columns in order; each is filled from a key attribute of the DynamoDB table."),
  when: z
    .union([conditionGrammar, z.array(conditionGrammar)], {
      error: "must be a condition such as { attribute, equals }, or a list of conditions that must all hold",
    })
    .optional()
    .describe("Which items belong to this table; by default all that no earlier table takes."),
  columns: z.record(z.string(), columnGrammar).describe("The table's columns by name."),
  otherAttributes: z
    .union([z.enum(["error", "ignore"]), z.strictObject({ column: name })], {
      error: 'must be "error", "ignore" or { column: NAME }',
    })
    .optional()
    .describe(
      "What becomes of attributes that no column takes: a dead letter (error, the default), nothing (ignore), or a JSON column that keeps them all.",
    ),
  interleaveIn: name.optional().describe("The parent table, whose key this table's key begins with."),
  onDelete: z
    .enum(["NO ACTION", "CASCADE"])
    .optional()
    .describe(
      "What deleting the parent's row does to this table's rows; DynamoDB knows no cascade, so the default is NO ACTION.",
    ),
  createParent: z
    .boolean()
    .optional()
    .describe("A row that comes before its parent's gets a parent row with nothing but the key."),
  indexes: z.array(indexGrammar).optional().describe("Secondary indexes; `schema indexes` makes them after the load."),
  versionTable: name
    .optional()
    .describe("The table that keeps the version of each item; by default the table's name with _Versions."),
});

export const sourceGrammar = z.strictObject({
  table: name.describe("The DynamoDB table's name."),
  partitionKey: name.describe("The name of its partition key."),
  sortKey: name.optional().describe("The name of its sort key, if it has one."),
});

export const mappingGrammar = z
  .strictObject({
    $schema: z.string().optional(),
    source: sourceGrammar,
    tables: z
      .array(tableGrammar)
      .min(1, { error: "must hold at least one table" })
      .describe("In order: the first table whose `when` holds takes an item."),
    otherItems: z
      .enum(["error", "ignore"])
      .optional()
      .describe(
        "What becomes of items that no table takes: a dead letter (error, the default) or nothing (ignore: counted as filtered).",
      ),
  })
  .meta({ title: "Mapping of a DynamoDB table to Spanner tables" });

type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A mapping as its file says it: defaults not yet filled in. `parseMapping` makes one, `planMigration` completes it. */
export type Mapping = DeepReadonly<z.infer<typeof mappingGrammar>>;
export type SourceMapping = Mapping["source"];
export type TableMapping = Mapping["tables"][number];
export type ColumnMapping = TableMapping["columns"][string];
export type IndexMapping = NonNullable<TableMapping["indexes"]>[number];
export type ConditionMapping = DeepReadonly<z.infer<typeof conditionGrammar>>;

/** The JSON Schema (draft 7, which editors know) of the mapping file, as schema/mapping.schema.json holds it. */
export function mappingSchemaText(): string {
  const text = JSON.stringify(z.toJSONSchema(mappingGrammar, { io: "input", target: "draft-7" }), null, 2);
  // The formatter that the project's files go through writes a list of texts on one line.
  return `${text.replace(/\[\n\s+("[^"\n]*"(?:,\n\s+"[^"\n]*")*)\n\s+\]/g, (_, list: string) => `[${list.replace(/\n\s+/g, " ")}]`)}\n`;
}
