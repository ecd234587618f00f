import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Database } from "@google-cloud/spanner";
import { scanSegment } from "../../dynamodb/scan-segment";
import { compileItemConverter } from "../../schema/item-converter";
import type { MigrationPlan } from "../../schema/migration-plan";
import type { WireValue } from "../../schema/wire-value";

export interface Comparison {
  readonly equal: number;
  /** One sentence for each item that differs from its row, is missing, or row that no item explains. */
  readonly differences: readonly string[];
}

/** Compares every item of the source table with its row, column by column, and looks for rows without an item. */
export async function compareTables(
  client: DynamoDBClient,
  database: Database,
  plan: MigrationPlan,
): Promise<Comparison> {
  const convert = compileItemConverter(plan);
  const rows = await readRows(database, plan);
  const differences: string[] = [];
  let equal = 0;
  for await (const page of scanSegment(client, { table: plan.source.table, segment: 0, segments: 1 })) {
    for (const item of page) {
      const outcome = convert(item);
      if (outcome.kind !== "row") continue;
      const key = text(outcome.values[0] ?? null);
      const expected = outcome.values.map(text).join(" | ");
      const found = rows.get(key);
      rows.delete(key);
      if (found === expected) equal++;
      else differences.push(found === undefined ? `${key} has no row` : `${key}: ${expected} became ${found}`);
    }
  }
  for (const key of rows.keys()) differences.push(`the row ${key} has no item`);
  return { equal, differences };
}

/** Rows of the plan's only table, as text, by their key. */
async function readRows(database: Database, { tables: [table] }: MigrationPlan): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  if (table === undefined) return rows;
  const columns = table.columns.map(({ name }) => `CAST(\`${name}\` AS STRING) AS \`${name}\``).join(", ");
  const [found] = await database.run({ sql: `SELECT ${columns} FROM \`${table.name}\``, json: true });
  for (const row of found as Readonly<Record<string, string | null>>[]) {
    const values = table.columns.map(({ name }) => text(row[name] ?? null));
    rows.set(values[0] ?? "", values.join(" | "));
  }
  return rows;
}

function text(value: WireValue): string {
  return value === null ? "NULL" : String(value);
}
