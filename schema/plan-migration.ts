import { columnType } from "./check-column";
import { otherAttributesColumn } from "./check-index";
import { conditionList } from "./condition";
import { parseOrderedColumn } from "./identifier";
import type { ColumnMapping, ConditionMapping, IndexMapping, Mapping, TableMapping } from "./mapping-grammar";
import type { ColumnPlan, Condition, IndexPlan, MigrationPlan, TablePlan } from "./migration-plan";
import { parsePath } from "./path";
import { defaultVersionTable } from "./version-table";

/**
 * Completes a mapping: defaults filled in, paths and types parsed, columns in the order in which every row sets them.
 *
 * @param mapping as `parseMapping` returns it, so free of mistakes
 */
export function planMigration(mapping: Mapping): MigrationPlan {
  const { table, partitionKey, sortKey } = mapping.source;
  return {
    source: { table, partitionKey, ...(sortKey === undefined ? {} : { sortKey }) },
    tables: mapping.tables.map((each) => planTable(each, mapping)),
    otherItems: mapping.otherItems ?? "error",
  };
}

function planTable(table: TableMapping, mapping: Mapping): TablePlan {
  const key = table.primaryKey.map(parseOrderedColumn);
  const keyNames = key.map(({ name }) => name);
  const others = Object.keys(table.columns).filter((name) => !keyNames.includes(name));
  const extra = otherAttributesColumn(table);
  return {
    name: table.name,
    columns: [
      ...keyNames.map((name) => planColumn(name, ownColumn(table, name), true)),
      ...others.map((name) => planColumn(name, ownColumn(table, name), false)),
      ...(extra === undefined ? [] : [otherAttributesPlan(extra)]),
    ],
    keyLength: key.length,
    keyDescending: key.map(({ descending }) => descending),
    ...(table.interleaveIn === undefined ? {} : { parent: table.interleaveIn }),
    level: levelOf(table, mapping),
    when: conditionList(table.when).map(planCondition),
    otherAttributes: table.otherAttributes ?? "error",
    indexes: (table.indexes ?? []).map(planIndex),
    onDelete: table.onDelete ?? "NO ACTION",
    createParent: table.createParent ?? false,
    versionTable: table.versionTable ?? defaultVersionTable(table.name),
  };
}

function ownColumn(table: TableMapping, name: string): ColumnMapping {
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  if (column === undefined) throw new TypeError(`${table.name} has no column ${name}: the mapping was not checked`);
  return column;
}

function planColumn(name: string, column: ColumnMapping, isKey: boolean): ColumnPlan {
  const type = columnType(column);
  const path = parsePath(column.from ?? [name]);
  if (type === undefined || "problem" in path) throw new TypeError(`column ${name}: the mapping was not checked`);
  return {
    name,
    type,
    notNull: isKey || column.notNull === true,
    source: { kind: "attribute", path, ...(column.match === undefined ? {} : { match: column.match }) },
    ...(column.epoch === undefined ? {} : { epoch: column.epoch }),
    lossy: column.lossy ?? false,
  };
}

function otherAttributesPlan(name: string): ColumnPlan {
  return { name, type: { kind: "JSON" }, notNull: false, source: { kind: "otherAttributes" }, lossy: false };
}

function planCondition({ attribute, equals, beginsWith, matches }: ConditionMapping): Condition {
  if (equals !== undefined) return { attribute, equals };
  if (beginsWith !== undefined) return { attribute, beginsWith };
  if (matches !== undefined) return { attribute, matches };
  throw new TypeError(`the condition on ${attribute} has no test: the mapping was not checked`);
}

function planIndex(index: IndexMapping): IndexPlan {
  return {
    name: index.name,
    columns: index.columns.map(parseOrderedColumn),
    storing: index.storing ?? [],
    unique: index.unique ?? false,
    nullFiltered: index.nullFiltered ?? false,
    ...(index.interleaveIn === undefined ? {} : { interleaveIn: index.interleaveIn }),
  };
}

function levelOf(table: TableMapping, mapping: Mapping): number {
  const parent = mapping.tables.find(({ name }) => name === table.interleaveIn);
  return parent === undefined ? 0 : levelOf(parent, mapping) + 1;
}
