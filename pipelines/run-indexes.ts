import { MigrationError } from "../errors/migration-error";
import { applyIndexes } from "../spanner/apply-indexes";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { showLine } from "./progress-line";
import type { SchemaIndexesArguments } from "./schema-command";
import { stopOnSignals } from "./stop-on-signals";
import { withSpanner } from "./with-spanner";

/** Creates the secondary indexes that the database lacks, and shows how far Spanner is with filling them. */
export async function createIndexes(argv: SchemaIndexesArguments): Promise<number> {
  const plan = readMappingFile(argv.mapping);
  return withSpanner(argv, async (connection) => {
    let percents: readonly number[] = [];
    let hide = (): void => undefined;
    const { interrupted, release } = untilSignal();
    const applied = applyIndexes(connection.database(), plan, {
      onStart: (statements) => {
        for (const statement of statements) process.stdout.write(`${statement};\n\n`);
        const done = () => percents.reduce((sum, each) => sum + each, 0) / statements.length;
        if (!argv.quiet) hide = showLine(() => `Filling indexes: ${Math.floor(done())} %`, { total: 100, done });
      },
      onProgress: (now) => {
        percents = now;
      },
    });
    try {
      const { created, building } = await Promise.race([applied, interrupted]);
      hide();
      if (building.length > 0) log.warn(`Spanner is still filling ${building.join(", ")}.`);
      if (created.length > 0) log.success(`${created.length} indexes were created in ${connection.databaseName}.`);
      else log.success("The database has all the indexes already.");
      return 0;
    } finally {
      hide();
      release();
    }
  });
}

/** Rejects at the first signal: the schema change is Spanner's, and goes on without this program. */
function untilSignal(): { readonly interrupted: Promise<never>; release(): void } {
  let release = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    release = stopOnSignals((signal) => {
      reject(
        new MigrationError("E_INTERRUPTED", `stopped by ${signal}; Spanner goes on with indexes that it has begun`),
      );
    });
  });
  return { interrupted, release: () => release() };
}
