import type { Item } from "../../schema/attribute-value";
import { exportIdOf, writeExport } from "../../scripts/export-writer";

const MOMENT = new Date("2024-01-02T03:04:05.678Z");

/** Writes an export of these items, in two data files, below a folder. */
export async function writeItems(folder: string, table: string, items: readonly Item[]): Promise<void> {
  const middle = Math.ceil(items.length / 2);
  await writeExport({
    folder,
    table,
    exportId: exportIdOf(MOMENT, table),
    startTime: MOMENT,
    exportTime: MOMENT,
    endTime: () => MOMENT,
    dataFiles: [[items.slice(0, middle)], [items.slice(middle)]],
  });
}

/** Customers, their orders and the orders' lines in one table, as single-table designs keep them. */
export function shopItems(customers: number): readonly Item[] {
  return Array.from({ length: customers }, (_, customer) => {
    const PK = { S: `CUSTOMER#c-${customer}` };
    const orders = Array.from({ length: 2 }, (_each, order): readonly Item[] => {
      const id = `${1000 + customer * 10 + order}`;
      return [
        {
          PK,
          SK: { S: `ORDER#${id}` },
          OrderDate: { S: `2024-03-${String(10 + order)}` },
          Total: { N: `${order}.25` },
        },
        ...[1, 2, 3].map(
          (line): Item => ({
            PK,
            SK: { S: `ORDER#${id}#LINE#${line}` },
            Sku: { S: `sku-${line}` },
            Quantity: { N: String(line) },
          }),
        ),
      ];
    });
    const profile: Item = {
      PK,
      SK: { S: "PROFILE" },
      Name: { S: `Customer ${customer}` },
      Vip: { BOOL: customer % 2 === 0 },
    };
    return [...orders.flat(), profile];
  }).flat();
}
