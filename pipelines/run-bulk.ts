import { MigrationError } from "../errors/migration-error";
import { type ExportedTable, openExport, openWithoutManifest } from "../export/open-export";
import { cellsPerRow } from "../schema/cells-per-row";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { findLiveTable } from "../schema/schema-difference";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { openFolder } from "../storage/open-folder";
import { type FileCounts, openLedger } from "../transforms/ledger";
import { accountingGaps, type FileAccount } from "./accounting";
import type { BulkArguments } from "./bulk-command";
import { bulkRunState, runFiles } from "./bulk-record";
import { openBulkRunner } from "./bulk-runner";
import { commitsInFlight } from "./commits-in-flight";
import { counted } from "./counted";
import { prepareDataflow } from "./dataflow-runner";
import { requireBulkOnDataflow, requireOneJob } from "./dataflow-usage";
import { reportFailure } from "./failure";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { orderForWriting } from "./order-for-writing";
import { probeDeadLetters } from "./probe-dead-letters";
import { createRunId } from "./run-id";
import { createPassProgress, type PassConfig, runPasses } from "./run-passes";
import { recordRun } from "./run-recorder";
import { exitCodeOf, probeSummary, renderSummary, type Status, type Summary, summarise, writeSummary } from "./summary";
import { withSpanner } from "./with-spanner";

/**
 * Runs a bulk load: checks the mapping, the database, the folder for dead letters and the export before the first item
 * is read, runs the pipeline, accounts for every item and shows the result.
 * @returns the exit code
 */
export async function runBulk(argv: BulkArguments): Promise<number> {
  const started = performance.now();
  const mapped = readMappingFile(argv.mapping);
  if (argv.runner === "dataflow") {
    requireBulkOnDataflow(argv);
    await prepareDataflow(argv);
  }
  return withSpanner(argv, async (connection) => {
    const schema = await requireSchema(connection.database(), mapped, { versions: !argv.exclusive });
    const plan = orderForWriting(mapped, schema);
    if (argv.runner === "dataflow") requireOneJob(argv, plan);
    await probeDeadLetters(argv.deadLetters);
    if (argv.summary !== undefined) await probeSummary(argv.summary);
    const source = argv.manifest ? await openExport(argv.input) : await openWithoutManifest(argv.input);
    announce(source, plan);

    const config = createConfig(argv, plan, connection, schema, source);
    const expected = source.summary?.itemCount;
    const runner = openBulkRunner(argv, config.deadLetters);
    const progress = createPassProgress(config.runId);
    const state = bulkRunState(argv, source, config.deadLetters, progress);
    const record = recordRun(connection, schema, { runId: config.runId, command: "bulk", plan: mapped }, state);
    const failure = await runPasses(config, runner, expected, argv.quiet, progress);
    if (!runner.waits) {
      await record.end(failure === undefined ? "handed-over" : "failed", { failure });
      return failure === undefined ? reportStarted() : reportFailure(failure);
    }

    const accounts = fileAccounts(source, config);
    const gaps = failure === undefined ? accountingGaps(accounts, expected) : [];
    const status = statusOf(failure, gaps, accounts, expected);
    const summary = summarise("bulk", status, accounts, expected, (performance.now() - started) / 1000);
    await record.end(status, { failure, files: runFiles(source, summary) });
    process.stdout.write(`${renderSummary(summary)}\n`);
    const exitCode = reportEnd(summary, failure, gaps, argv.deadLetters);
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    return exitCode;
  });
}

function reportStarted(): number {
  log.warn("The job goes on by itself: nothing is proven here. When it has ended, `verify` compares every item.");
  return 0;
}

/** Says what the table does not, and returns the exit code. */
function reportEnd(summary: Summary, failure: unknown, gaps: readonly string[], deadLetters: string): number {
  const { status, deadLettered } = summary;
  if (failure !== undefined) return reportFailure(failure);
  if (gaps.length > 0) {
    return reportFailure(new MigrationError("E_ACCOUNTING", "the counts do not add up", { details: gaps }));
  }
  if (summary.expected === null) {
    log.warn("Unproven: without a manifest nothing tells whether the files are whole and all.");
  }
  if (deadLettered > 0) {
    log.warn(`${counted(deadLettered, "dead letter")} in ${deadLetters}, each with its reason.`);
  }
  return exitCodeOf(status);
}

function announce({ url, dataFiles, summary }: ExportedTable, plan: MigrationPlan): void {
  const count = summary === undefined ? "without a manifest" : `${counted(summary.itemCount, "item")} by the manifest`;
  const tables = plan.tables.map(({ name }) => name).join(", ");
  log.info(`Loading ${url} (${counted(dataFiles.length, "file")}, ${count}) into ${tables}`);
}

function createConfig(
  argv: BulkArguments,
  plan: MigrationPlan,
  connection: SpannerConnection,
  schema: LiveSchema,
  source: ExportedTable,
): PassConfig {
  return {
    runId: createRunId(),
    plan,
    dialect: schema.dialect,
    target: connection.target,
    cellsPerRow: plan.tables.map((table) => {
      const live = findLiveTable(schema, table.name);
      return live === undefined ? table.columns.length : cellsPerRow(live, table);
    }),
    commitsInFlight: commitsInFlight(argv.commitsInFlight, connection.emulator),
    exclusive: argv.exclusive,
    sortByKey: argv.sortByKey,
    files: source.dataFiles,
    // Workers of a remote runner have working directories of their own.
    deadLetters: openFolder(argv.deadLetters).url,
  };
}

function fileAccounts(source: ExportedTable, { runId }: { readonly runId: string }): FileAccount[] {
  const { files } = openLedger(runId);
  return source.dataFiles.map(({ url, proof }) => ({
    file: url,
    expected: proof?.itemCount,
    counts: files.get(url) ?? NOTHING_COUNTED,
  }));
}

const NOTHING_COUNTED: FileCounts = { read: 0, written: 0, stale: 0, filtered: 0, deadLettered: 0, bytesRead: 0 };

function statusOf(
  failure: unknown,
  gaps: readonly string[],
  accounts: readonly FileAccount[],
  expected: number | undefined,
): Status {
  if (failure instanceof MigrationError && failure.code === "E_INTERRUPTED") return "interrupted";
  if (failure !== undefined) return "failed";
  if (gaps.length > 0) return "unaccounted";
  if (accounts.some(({ counts }) => counts.deadLettered > 0)) return "dead-letters";
  return expected === undefined ? "unproven" : "proven";
}
