import type { PipelineBuilder } from "../beam/launcher";
import { MigrationError } from "../errors/migration-error";
import type { ExportChain } from "../export/export-chain";
import type { DataFile, ExportedTable } from "../export/open-export";
import { cellsPerRow } from "../schema/cells-per-row";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { findLiveTable } from "../schema/schema-difference";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { openFolder } from "../storage/open-folder";
import { type FileCounts, openLedger } from "../transforms/ledger";
import { type UndecidedCounts, undecidedCounts } from "../transforms/undecided-counts";
import { accountingGaps, type FileAccount } from "./accounting";
import { type BulkConfig, createBulkPipeline } from "./bulk";
import type { BulkArguments } from "./bulk-command";
import { bulkRunState, runFiles } from "./bulk-record";
import { openBulkRunner } from "./bulk-runner";
import { commitsInFlight } from "./commits-in-flight";
import { counted } from "./counted";
import { prepareDataflow } from "./dataflow-runner";
import { requireBulkOnDataflow, requireOneJob } from "./dataflow-usage";
import { reportFailure } from "./failure";
import type { LoadProgress } from "./load-progress";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { openLoad } from "./open-load";
import { orderForWriting } from "./order-for-writing";
import { probeDeadLetters } from "./probe-dead-letters";
import { createRunId } from "./run-id";
import { incrementalPipeline, openInput, requireIncrementals } from "./run-incrementals";
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
    const schema = await requireSchema(connection.database(), mapped, {
      versions: !argv.exclusive,
      progress: argv.manifest,
    });
    const plan = orderForWriting(mapped, schema);
    if (argv.runner === "dataflow") requireOneJob(argv, plan);
    await probeDeadLetters(argv.deadLetters);
    if (argv.summary !== undefined) await probeSummary(argv.summary);
    const chain = await openInput(argv);
    await requireIncrementals(argv, chain, plan, schema);

    const load: Load = { argv, mapped, plan, connection, schema };
    const parts: LoadedPart[] = [];
    if (chain.full !== undefined) {
      const part = await loadExport(load, chain.full, "bulk", createBulkPipeline);
      if (part === undefined) return 0;
      parts.push(part);
    }
    for (const source of chain.incrementals) {
      if (parts.some(({ failure }) => failure !== undefined)) break;
      const part = await loadExport(load, source, "incremental", incrementalPipeline(argv));
      if (part !== undefined) parts.push(part);
    }
    const summary = summariseParts(parts, chain, (performance.now() - started) / 1000);
    process.stdout.write(`${renderSummary(summary)}\n`);
    const exitCode = reportEnd(summary, parts, argv.deadLetters);
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    return exitCode;
  });
}

interface Load {
  readonly argv: BulkArguments;
  readonly mapped: MigrationPlan;
  readonly plan: MigrationPlan;
  readonly connection: SpannerConnection;
  readonly schema: LiveSchema;
}

/** What became of one export. */
interface LoadedPart {
  readonly runId: string;
  readonly accounts: readonly FileAccount[];
  readonly gaps: readonly string[];
  readonly failure: unknown;
  /** What earlier runs of the same load have done of it. */
  readonly earlier: { readonly read: number; readonly written: number };
}

/**
 * Loads one export and records it in the database.
 * @returns undefined if the job goes on by itself
 */
async function loadExport(
  { argv, mapped, plan, connection, schema }: Load,
  source: ExportedTable,
  command: "bulk" | "incremental",
  createPipeline: (config: BulkConfig) => PipelineBuilder,
): Promise<LoadedPart | undefined> {
  const started = performance.now();
  announce(source, plan);
  const settings = createConfig(argv, plan, connection, schema);
  // Changes are applied by their versions, and are not recorded; without a manifest nothing tells whether the files are
  // those of an earlier run.
  const load =
    command === "bulk" && argv.manifest
      ? await openLoad(connection, source, { ...settings, restart: argv.restart })
      : undefined;
  load?.progress.addTo(openLedger(settings.runId), source.dataFiles);
  const { read, written } = openLedger(settings.runId).total;
  const config = {
    ...settings,
    ...(load === undefined ? {} : { record: { loadId: load.loadId, interval: argv.recordInterval } }),
    filesOfLevel: filesOfLevel(plan, source, load?.progress),
  };
  if (config.filesOfLevel.every((files) => files.length === 0) && read > 0) announceFinished();
  const expected = source.summary?.itemCount;
  const runner = openBulkRunner(argv, config.deadLetters);
  const progress = createPassProgress(config.runId);
  const state = bulkRunState(argv, source, config.deadLetters, progress);
  const record = recordRun(connection, schema, { runId: config.runId, command, plan: mapped }, state);
  const failure = await runPasses(config, runner, expected, argv.quiet, progress, createPipeline);
  if (!runner.waits) {
    await record.end(failure === undefined ? "handed-over" : "failed", { failure });
    if (failure !== undefined) throw failure;
    reportStarted();
    return undefined;
  }
  const accounts = fileAccounts(source, config);
  const gaps = failure === undefined ? accountingGaps(accounts, expected) : [];
  const status = statusOf(failure, gaps, accounts, expected);
  const summary = summarise("bulk", status, accounts, expected, (performance.now() - started) / 1000);
  await load?.end(status).catch(reportUnrecorded);
  await record.end(status, { failure, files: runFiles(source, summary) });
  return { runId: config.runId, accounts, gaps, failure, earlier: { read, written } };
}

function summariseParts(
  parts: readonly LoadedPart[],
  { full, incrementals, unproven }: ExportChain,
  elapsedSeconds: number,
): Summary {
  const accounts = parts.flatMap((part) => part.accounts);
  const failure = parts.find((part) => part.failure !== undefined)?.failure;
  const sources = [...(full === undefined ? [] : [full]), ...incrementals];
  const expected = sources.some(({ summary }) => summary === undefined)
    ? undefined
    : sources.reduce((sum, { summary }) => sum + (summary?.itemCount ?? 0), 0);
  const found = statusOf(failure, gapsOf(parts), accounts, expected);
  const status = found === "proven" && unproven.length > 0 ? "unproven" : found;
  const earlier = {
    read: parts.reduce((all, part) => all + part.earlier.read, 0),
    written: parts.reduce((all, part) => all + part.earlier.written, 0),
  };
  const summary = { ...summarise("bulk", status, accounts, expected, elapsedSeconds), earlier };
  if (incrementals.length === 0) return summary;
  const counts = parts.map(({ runId }) => undecidedCounts(runId));
  const sum = (pick: (each: UndecidedCounts) => number) => counts.reduce((all, each) => all + pick(each), 0);
  const incremental = {
    exports: incrementals.length,
    undecided: sum((each) => each.undecided),
    settled: sum((each) => each.settled),
    unproven,
  };
  return { ...summary, incremental };
}

function gapsOf(parts: readonly LoadedPart[]): readonly string[] {
  return parts.flatMap(({ gaps }) => gaps);
}

function reportStarted(): void {
  log.warn("The job goes on by itself: nothing is proven here. When it has ended, `verify` compares every item.");
}

/** Says what the table does not, and returns the exit code. */
function reportEnd(summary: Summary, parts: readonly LoadedPart[], deadLetters: string): number {
  const { status, deadLettered, incremental } = summary;
  const failed = parts.find(({ failure }) => failure !== undefined);
  const gaps = gapsOf(parts);
  if (failed !== undefined) return reportFailure(failed.failure);
  if (gaps.length > 0) {
    return reportFailure(new MigrationError("E_ACCOUNTING", "the counts do not add up", { details: gaps }));
  }
  if (summary.expected === null) {
    log.warn("Unproven: without a manifest nothing tells whether the files are whole and all.");
  }
  for (const reason of incremental?.unproven ?? []) log.warn(`Unproven: ${reason}.`);
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
): Omit<PassConfig, "filesOfLevel"> {
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
    // Workers of a remote runner have working directories of their own.
    deadLetters: openFolder(argv.deadLetters).url,
  };
}

/** For each level of interleaving the files that its pass has to read. */
function filesOfLevel(
  plan: MigrationPlan,
  { dataFiles }: ExportedTable,
  progress: LoadProgress | undefined,
): readonly (readonly DataFile[])[] {
  const levels = Math.max(...plan.tables.map((table) => table.level)) + 1;
  return Array.from({ length: levels }, (_, level) => progress?.unfinished(dataFiles, level) ?? dataFiles);
}

function announceFinished(): void {
  log.warn(
    "The load of this export is finished already: nothing of it is read or written, and the counts are those of its runs. " +
      "--restart loads every item anew; `verify` compares every item with its row.",
  );
}

/** The load itself has ended as it has; its parts are recorded, so that the next run finds out by itself. */
function reportUnrecorded(error: unknown): void {
  log.warn(`How this run ended could not be recorded: ${error instanceof Error ? error.message : String(error)}`);
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
