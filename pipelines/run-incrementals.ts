import type { PipelineBuilder } from "../beam/launcher";
import { describeTable } from "../dynamodb/describe-table";
import { dynamoDbClient } from "../dynamodb/dynamodb-client";
import { describeTableError } from "../dynamodb/table-error";
import { MigrationError } from "../errors/migration-error";
import { type ExportChain, openExportChain } from "../export/export-chain";
import { openWithoutManifest } from "../export/open-export";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import type { BulkConfig } from "./bulk";
import type { BulkArguments } from "./bulk-command";
import { createIncrementalPipeline } from "./incremental";
import { requireLastingTombstones } from "./lasting-tombstones";

/** What of incremental exports a load's summary tells beside its counts. */
export interface IncrementalSummary {
  readonly exports: number;
  /** Lines whose order against the stream no time told, and how many of them a read of the item settled. */
  readonly undecided: number;
  readonly settled: number;
  /** What keeps the exports from proving the whole state of the table, one sentence each. */
  readonly unproven: readonly string[];
}

/**
 * Opens what `--input` names: a full export, incremental ones, or both.
 * @throws MigrationError E_EXPORT_…, E_STORAGE_…
 */
export async function openInput(argv: BulkArguments): Promise<ExportChain> {
  const { input, manifest, fullExportTime } = argv;
  if (fullExportTime !== undefined && !Number.isFinite(Date.parse(fullExportTime))) {
    throw new MigrationError(
      "E_USAGE",
      `--full-export-time ${fullExportTime}: it must be a time, as 2026-01-31T12:00:00Z`,
    );
  }
  if (manifest) return openExportChain(input, fullExportTime);
  return { full: await openWithoutManifest(input), incrementals: [], unproven: [] };
}

/**
 * What incremental exports need beside what every load does.
 * @throws MigrationError E_USAGE, E_TOMBSTONES_TOO_SHORT, E_TABLE_REQUEST
 */
export async function requireIncrementals(
  argv: BulkArguments,
  { incrementals }: ExportChain,
  plan: MigrationPlan,
  schema: LiveSchema,
): Promise<void> {
  const [first] = incrementals;
  if (first === undefined) return;
  if (argv.exclusive) {
    throw new MigrationError("E_USAGE", `--exclusive looks at no versions, which the changes of ${first.url} need`);
  }
  if (argv.runner !== "direct") {
    throw new MigrationError("E_USAGE", `${first.url} is incremental: only --runner direct applies such exports`);
  }
  requireLastingTombstones(plan, schema, (Date.now() - first.from) / 1000, `${first.url} holds changes`);
  const { sourceTable } = argv;
  if (sourceTable === undefined) return;
  const client = dynamoDbClient();
  try {
    await describeTable(client, sourceTable);
  } catch (error) {
    throw describeTableError(error, sourceTable);
  } finally {
    client.destroy();
  }
}

export function incrementalPipeline({ sourceTable }: BulkArguments): (config: BulkConfig) => PipelineBuilder {
  return (config) => createIncrementalPipeline(config, sourceTable ?? null);
}
