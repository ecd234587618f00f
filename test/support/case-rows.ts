import type { MigrationPlan } from "../../schema/migration-plan";
import type { SpannerConnection } from "../../spanner/connection";
import { type SourceWrite, shownRows } from "./replication-history";

/** Each case has keys of its own, so that all share one database. */
export function withOwnKeys<Case extends { readonly writes: readonly SourceWrite[] }>(
  history: Case,
  number: number,
): Case {
  return {
    ...history,
    writes: history.writes.map((write) => ({ ...write, key: write.key.map((part) => `${number}-${part}`) })),
  };
}

/** The rows of a case, as `expectedRows` has them. */
export async function rowsOfCase({ client, sessions }: SpannerConnection, plan: MigrationPlan, number: number) {
  const session = await sessions.acquire();
  const tables = new Map<string, Record<string, string | null>[]>();
  for (const table of plan.tables) {
    const columns = table.columns.map((column) => column.name);
    const range = {
      startClosed: { values: [{ stringValue: `${number}-` }] },
      endOpen: { values: [{ stringValue: `${number}.` }] },
    };
    const [{ rows }] = await client.read({ session, table: table.name, columns, keySet: { ranges: [range] } });
    tables.set(
      table.name,
      (rows ?? []).map((row) =>
        Object.fromEntries(columns.map((column, index) => [column, row.values?.[index]?.stringValue ?? null])),
      ),
    );
  }
  sessions.release(session);
  return shownRows(plan, (table) => tables.get(table) ?? []);
}
