import type { Dialect } from "../../schema/column-type";
import { ddlStatements } from "../../schema/ddl";
import type { MigrationPlan } from "../../schema/migration-plan";
import type { RowChange } from "../../schema/row-change";
import { type ApplyOutcome, compileApply } from "../../spanner/apply-transaction";
import { openSpanner, type SpannerConnection } from "../../spanner/connection";
import { closeTransactions } from "../../spanner/read-write-transaction";
import { spannerStore } from "../../spanner/spanner-store";
import { retryTransient } from "../../spanner/transient-retry";
import { createTestDatabase } from "./spanner";

/** A database of the emulator with a plan's tables and version tables, and the way in which changes come into it. */
export interface ReplicationDatabase {
  readonly connection: SpannerConnection;
  readonly apply: (changes: readonly RowChange[]) => Promise<ApplyOutcome<RowChange>>;
}

/** Runs `use` with a new database, whose connection it closes in any case. */
export async function withReplicationDatabase(
  plan: MigrationPlan,
  dialect: Dialect,
  use: (database: ReplicationDatabase) => Promise<void>,
): Promise<void> {
  const { tables, versionTables } = ddlStatements(plan, dialect);
  const connection = await openSpanner(await createTestDatabase([...tables, ...versionTables], { dialect }));
  const store = spannerStore(connection);
  const apply = compileApply<RowChange>(plan, { retry: (attempt) => retryTransient(attempt, { subject: "test" }) });
  try {
    await use({ connection, apply: (changes) => apply(store, changes) });
  } finally {
    await closeTransactions(connection);
    await connection.close();
  }
}
