import { checkConnection, closeAllConnections, openSpanner, type SpannerConnection } from "../spanner/connection";

/** The options that name a database, as the command line gives them. */
export interface TargetArguments {
  readonly project: string;
  readonly instance: string;
  readonly database: string;
  readonly spannerTimeout: number;
}

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
  try {
    await checkConnection(target, options);
    return await use(await openSpanner(target, options));
  } finally {
    await closeAllConnections();
  }
}
