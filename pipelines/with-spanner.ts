import { checkConnection, closeAllConnections, openSpanner, type SpannerConnection } from "../spanner/connection";
import { closeTransactions } from "../spanner/read-write-transaction";
import { withinTime } from "../spanner/within-time";

/** The options that name a database, as the command line gives them. */
export interface TargetArguments {
  readonly project: string;
  readonly instance: string;
  readonly database: string;
  readonly spannerTimeout: number;
}

/** Spanner forgets sessions by itself: giving them back is courtesy, and no server that hangs may hold up the end. */
const CLOSE_MILLISECONDS = 10_000;

/**
 * Connects to the database that the options name, has it answer, and closes the connection however `use` ends.
 * @throws MigrationError E_SPANNER_… within `--spanner-timeout`
 */
export async function withSpanner<Result>(
  { project, instance, database, spannerTimeout }: TargetArguments,
  use: (connection: SpannerConnection) => Promise<Result>,
): Promise<Result> {
  const target = { project, instance, database };
  const options = { timeoutMilliseconds: spannerTimeout * 1000 };
  let connection: SpannerConnection | undefined;
  try {
    await checkConnection(target, options);
    connection = await openSpanner(target, options);
    return await use(connection);
  } finally {
    await withinTime(close(connection), CLOSE_MILLISECONDS).catch(() => undefined);
  }
}

async function close(connection: SpannerConnection | undefined): Promise<void> {
  if (connection !== undefined) await closeTransactions(connection);
  await closeAllConnections();
}
