import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { Database } from "@google-cloud/spanner";
import Table from "cli-table3";

/** The first items of a data file, as DynamoDB JSON. */
export async function firstItems(dataFile: string, count: number): Promise<readonly Record<string, object>[]> {
  const items: Record<string, object>[] = [];
  const lines = createInterface({ input: createReadStream(dataFile).pipe(createGunzip()) });
  for await (const line of lines) {
    items.push((JSON.parse(line) as { readonly Item: Record<string, object> }).Item);
    if (items.length === count) break;
  }
  return items;
}

/** A table that shows, attribute by attribute, items of the tutorial's table beside their rows. */
export async function besideTheirRows(
  database: Database,
  items: readonly Readonly<Record<string, object>>[],
): Promise<string> {
  const table = new Table({ head: ["column", "item in DynamoDB", "row in Spanner"], style: { head: [], border: [] } });
  const columns = ["Username", "PointsEarned", "ReminderDate", "Subscribed", "Zipcode"];
  for (const item of items) {
    const key = (item["Username"] as { readonly S: string }).S;
    const [rows] = await database.run({
      sql: "SELECT Username, PointsEarned, CAST(ReminderDate AS STRING) AS ReminderDate, Subscribed, Zipcode FROM Migration WHERE Username = @key",
      params: { key },
      json: true,
    });
    const row = rows[0] as Readonly<Record<string, unknown>> | undefined;
    for (const column of columns) {
      const attribute = item[column];
      table.push([
        column,
        attribute === undefined ? "(absent)" : JSON.stringify(attribute),
        row === undefined ? "(no row)" : String(row[column] ?? "NULL"),
      ]);
    }
    table.push([{ colSpan: 3, content: "" }]);
  }
  return table.toString();
}
