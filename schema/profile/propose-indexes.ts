import { canBeKey } from "../check-key";
import { parseColumnType } from "../column-type";
import type { IndexMapping, TableMapping } from "../mapping-grammar";
import type { TableProposal } from "./propose-table";

/** A secondary index of the DynamoDB table. */
export interface IndexOfSource {
  readonly name: string;
  /** Partition key, then sort key if it has one. */
  readonly attributes: readonly string[];
  readonly projected: "ALL" | readonly string[];
}

/**
 * The source's secondary indexes for each table that has columns for all their keys. As in DynamoDB, an index leaves out
 * what lacks a key of it (NULL_FILTERED); what it projects is stored, but for "ALL", which would double the table.
 *
 * @param names those of tables and indexes that are taken
 */
export function proposeIndexes(
  table: TableProposal,
  indexes: readonly IndexOfSource[],
  names: { take(name: string): string },
): TableMapping {
  const proposed = indexes.flatMap((index): readonly IndexMapping[] => {
    const columns = index.attributes.map((attribute) => columnOf(table, attribute));
    if (columns.some((column) => column === undefined || !isIndexable(table, column))) return [];
    const key = columns.flatMap((column) => (column === undefined ? [] : [column]));
    const stored = (index.projected === "ALL" ? [] : index.projected)
      .map((attribute) => columnOf(table, attribute))
      .filter((column) => column !== undefined && !key.includes(column) && !table.mapping.primaryKey.includes(column));
    const storing = stored.flatMap((column) => (column === undefined ? [] : [column]));
    const name = names.take(`${table.mapping.name}_${index.name}`);
    return [{ name, columns: key, ...(storing.length === 0 ? {} : { storing }), nullFiltered: true }];
  });
  return proposed.length === 0 ? table.mapping : { ...table.mapping, indexes: proposed };
}

/** The column that takes the whole attribute. */
function columnOf({ columns }: TableProposal, attribute: string): string | undefined {
  return columns.find((column) => column.attribute === attribute && column.match === undefined)?.column;
}

function isIndexable({ columns }: TableProposal, name: string): boolean {
  const type = columns.find(({ column }) => column === name)?.type;
  return type !== undefined && canBeKey(parseColumnType(type));
}
