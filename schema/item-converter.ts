import { formatPath } from "./attribute-path";
import type { Item } from "./attribute-value";
import { type ColumnReader, compileColumnReader, readColumn } from "./column-reader";
import type { Dialect } from "./column-type";
import { ConversionError } from "./conversion-error";
import { checkJsonDocument } from "./convert-json";
import { dynamodbJsonText } from "./json-text";
import { keyPartSize, MAX_KEY_SIZE } from "./key-size";
import type { ColumnPlan, MigrationPlan, TablePlan } from "./migration-plan";
import { compileTableChoice } from "./table-choice";
import { compileUnmappedAttributes, type UnmappedAttributes } from "./unmapped-attributes";
import type { WireValue } from "./wire-value";

/** What becomes of an item. */
export type ItemOutcome =
  /** A row of the plan's table number `table`: the values of all its columns, in the plan's order. */
  | { readonly kind: "row"; readonly table: number; readonly values: readonly WireValue[] }
  /** No table takes it, and the plan says that such items are left out. */
  | { readonly kind: "filtered" };

/** Where an item's row lies: the plan's table number `table`, and the values of its primary key. */
export type KeyOutcome =
  | { readonly kind: "key"; readonly table: number; readonly key: readonly WireValue[] }
  | { readonly kind: "filtered" };

/** What is compiled once for each table, so that nothing of it is decided again for each item. */
interface TableConverter {
  readonly plan: TablePlan;
  /** In the plan's order; undefined for the column that keeps the other attributes. */
  readonly readers: readonly (ColumnReader | undefined)[];
  readonly unmapped: UnmappedAttributes;
  readonly dialect: Dialect;
}

const FILTERED = { kind: "filtered" } as const;
const OTHER_LEVEL = { kind: "otherLevel" } as const;

/**
 * The conversion of items into rows, compiled once from a plan. Items must have passed `parseItem`.
 *
 * The function that it gives throws a ConversionError for an item that can't become a row: with table, column and
 * attribute as far as they are known, and without any value.
 */
export function compileItemConverter(
  plan: MigrationPlan,
  options: { readonly dialect?: Dialect } = {},
): (item: Item) => ItemOutcome {
  const chooseTable = compileTableChoice(plan);
  const converters = compileTables(plan, options.dialect ?? "googlesql");

  return function convertItem(item) {
    const table = chooseTable(item);
    const converter = converters[table];
    if (converter === undefined) return refuseOrFilter(plan);
    return { kind: "row", table, values: convertRow(converter, item) };
  };
}

/** As {@link compileItemConverter}, for items of tables of one level of interleaving; items of others are left alone. */
export function compileLevelConverter(
  plan: MigrationPlan,
  { dialect, level }: { readonly dialect: Dialect; readonly level: number },
): (item: Item) => ItemOutcome | { readonly kind: "otherLevel" } {
  const chooseTable = compileTableChoice(plan);
  const converters = compileTables(plan, dialect);

  return function convertItem(item) {
    const table = chooseTable(item);
    const converter = converters[table];
    if (converter === undefined) return level === 0 ? refuseOrFilter(plan) : OTHER_LEVEL;
    if (converter.plan.level !== level) return OTHER_LEVEL;
    return { kind: "row", table, values: convertRow(converter, item) };
  };
}

/**
 * The conversion of an item, or of its key attributes alone (a deletion's image), into the place of its row.
 * A plan's conditions and primary keys use key attributes only, so both give the same place.
 */
export function compileKeyConverter(
  plan: MigrationPlan,
  options: { readonly dialect?: Dialect } = {},
): (keys: Item) => KeyOutcome {
  const chooseTable = compileTableChoice(plan);
  const converters = compileTables(plan, options.dialect ?? "googlesql");

  return function convertKey(keys) {
    const table = chooseTable(keys);
    const converter = converters[table];
    if (converter === undefined) return refuseOrFilter(plan);
    return { kind: "key", table, key: convertColumns(converter, keys, converter.plan.keyLength) };
  };
}

function compileTables(plan: MigrationPlan, dialect: Dialect): readonly TableConverter[] {
  return plan.tables.map((table) => ({
    plan: table,
    readers: table.columns.map((column, at) =>
      column.source.kind === "attribute"
        ? compileColumnReader(column, column.source, dialect, at < table.keyLength)
        : undefined,
    ),
    unmapped: compileUnmappedAttributes(table),
    dialect,
  }));
}

function refuseOrFilter(plan: MigrationPlan): typeof FILTERED {
  if (plan.otherItems === "ignore") return FILTERED;
  throw new ConversionError("E_CONVERSION_NO_TABLE", "no table of the mapping takes this item");
}

function convertRow(converter: TableConverter, item: Item): readonly WireValue[] {
  if (converter.plan.otherAttributes === "error") refuseUnmapped(converter, item);
  return convertColumns(converter, item, converter.readers.length);
}

function refuseUnmapped({ plan, unmapped }: TableConverter, item: Item): void {
  const attribute = unmapped.firstPath(item);
  if (attribute === undefined) return;
  throw new ConversionError("E_CONVERSION_UNMAPPED_ATTRIBUTE", "no column takes it", { table: plan.name, attribute });
}

/** The values of the first `count` columns: those of the primary key come first. */
function convertColumns(converter: TableConverter, item: Item, count: number): readonly WireValue[] {
  const { plan, readers } = converter;
  const values: WireValue[] = [];
  let keySize = 0;
  try {
    for (let at = 0; at < count; at += 1) {
      const column = plan.columns[at] as ColumnPlan;
      const reader = readers[at];
      const value = reader === undefined ? otherAttributes(converter, item) : readColumn(reader, item);
      if (at < plan.keyLength) keySize += checkedKeyPart(column, value);
      else if (value === null && column.notNull) throw refuseNull("E_CONVERSION_NULL", column);
      values.push(value);
    }
  } catch (error) {
    throw error instanceof ConversionError ? error.at({ table: plan.name }) : error;
  }
  if (keySize > MAX_KEY_SIZE) {
    throw new ConversionError("E_CONVERSION_KEY_TOO_LONG", `the primary key has ${keySize} bytes`, {
      table: plan.name,
    });
  }
  return values;
}

function checkedKeyPart(column: ColumnPlan, value: WireValue): number {
  if (value === null) throw refuseNull("E_CONVERSION_NO_KEY", column);
  return keyPartSize(column.type, value);
}

function refuseNull(code: "E_CONVERSION_NO_KEY" | "E_CONVERSION_NULL", column: ColumnPlan): ConversionError {
  const part = code === "E_CONVERSION_NO_KEY" ? "is part of the primary key" : "is NOT NULL";
  return new ConversionError(code, `the attribute is absent or NULL, but the column ${part}`, {
    column: column.name,
    ...(column.source.kind === "attribute" ? { attribute: formatPath(column.source.path) } : {}),
  });
}

/** The attributes that no other column takes whole, in DynamoDB JSON, so that their types are not lost. */
function otherAttributes({ unmapped, dialect }: TableConverter, item: Item): WireValue {
  return checkJsonDocument(dynamodbJsonText(item, dialect, unmapped.names(item)), dialect);
}
