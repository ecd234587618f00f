import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { directLauncher } from "../beam/direct-runner";
import type { PipelineBuilder } from "../beam/launcher";
import { MigrationError } from "../errors/migration-error";
import { openExport, openWithoutManifest } from "../export/open-export";
import type { MigrationPlan } from "../schema/migration-plan";
import { orderTables } from "../schema/table-order";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { takeSnapshot } from "../spanner/row-reader";
import { openLedger } from "../transforms/ledger";
import { openVerifyLedger } from "../transforms/verify-ledger";
import { compileRowJudge } from "../transforms/verify-look";
import { counted } from "./counted";
import { reportFailure } from "./failure";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { createRunId } from "./run-id";
import { recordRun } from "./run-recorder";
import { stopOnSignals } from "./stop-on-signals";
import { probeSummary, writeSummary } from "./summary";
import { createItemsPipeline, createRowsPipeline, type VerifyConfig, type VerifyInput } from "./verify";
import type { VerifyArguments } from "./verify-command";
import { renderDifferences, writeDifferences } from "./verify-differences";
import { findUnexplainedRows } from "./verify-extra";
import { type RecheckOptions, type RecheckOutcome, recheck, type Settled } from "./verify-recheck";
import { verifyCounts, verifyRunState } from "./verify-record";
import { type RepairOutcome, repairDifferences } from "./verify-repair";
import { openItemReader } from "./verify-source";
import { renderVerifySummary, type VerifyStatus, type VerifySummary } from "./verify-summary";
import { withSpanner } from "./with-spanner";

/** Longer than two of the stream's default windows. */
const TABLE_RECHECK_SECONDS = 120;
/** An export stands still: only a load or a stream that is running moves the rows. */
const EXPORT_RECHECK_SECONDS = 5;

/**
 * Compares every item with its row and every row with its items, and shows what differs.
 * @returns the exit code: 4 if anything differs
 */
export async function runVerify(argv: VerifyArguments): Promise<number> {
  const started = performance.now();
  requireOneSource(argv);
  const mapped = readMappingFile(argv.mapping);
  return withSpanner(argv, async (connection) => {
    const schema = await requireSchema(connection.database(), mapped);
    const { plan } = orderTables(mapped, schema);
    if (argv.summary !== undefined) await probeSummary(argv.summary);
    if (argv.differences !== undefined) await probeFolder(argv.differences);
    const input = await openInput(argv);
    const runId = createRunId();
    const state = verifyRunState(argv, input, runId);
    // Before the snapshot: what is written after this moment may not be in it.
    const record = recordRun(connection, schema, { runId, command: "verify", plan: mapped }, state);
    await record.begun;
    const config: VerifyConfig = {
      runId,
      plan,
      dialect: schema.dialect,
      target: connection.target,
      source: input.kind,
      readTimestamp: (await takeSnapshot(connection)).at,
      sample: argv.sample / 100,
      input,
    };
    announce(argv, config);
    const found = await verifyUntilStopped(argv, connection, config);

    const summary = summarise(argv, config, found, (performance.now() - started) / 1000);
    await record.end(summary.status, { failure: found.failure, counts: verifyCounts(summary) });
    const { differences } = found.outcome;
    if (differences.length > 0) process.stdout.write(`${renderDifferences(plan, differences)}\n`);
    process.stdout.write(`${renderVerifySummary(summary)}\n`);
    const repaired = argv.dryRun ? new Set<Settled>() : found.repair.repaired;
    if (argv.differences !== undefined) await writeDifferences(argv.differences, plan, differences, repaired);
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    return reportEnd(argv, plan, summary, found);
  });
}

interface Found {
  readonly outcome: RecheckOutcome;
  readonly repair: RepairOutcome;
  /** Differences that are known by their number only. */
  readonly unnamedExtra: number;
  readonly repeated: number;
  readonly failure: unknown;
}

const NOTHING = {
  outcome: { equal: 0, behind: 0, explained: 0, differences: [] },
  repair: { repaired: new Set<Settled>(), left: [], behind: 0, notes: [] },
  unnamedExtra: 0,
  repeated: 0,
};

async function verifyUntilStopped(
  argv: VerifyArguments,
  connection: SpannerConnection,
  config: VerifyConfig,
): Promise<Found> {
  const stop = createStop(config.runId);
  const release = stopOnSignals(stop.request);
  const items = openItemReader(config);
  try {
    await stop.run(createRowsPipeline(config));
    await stop.run(createItemsPipeline(config));
    const ledger = openVerifyLedger(config.runId);
    const { rows, unnamed, repeated } = await findUnexplainedRows(connection, config, ledger);
    const suspects = [...ledger.suspects, ...rows];
    const patience = argv.recheck ?? (config.source === "table" ? TABLE_RECHECK_SECONDS : EXPORT_RECHECK_SECONDS);
    if (suspects.length > 0) log.info(`Looking again at ${counted(suspects.length, "row")}, for up to ${patience} s`);
    const options: RecheckOptions = {
      connection,
      judge: compileRowJudge(config.plan, config.dialect, config.source),
      plan: config.plan,
      source: config.source,
      readItem: items.read,
      patienceMilliseconds: patience * 1000,
      signal: stop.signal,
    };
    const outcome = await recheck(suspects, options);
    const repair = await repairIfAsked(argv, outcome, options);
    return { outcome, repair, unnamedExtra: unnamed, repeated, failure: undefined };
  } catch (error) {
    return { ...NOTHING, failure: stop.reason() ?? error };
  } finally {
    items.close();
    release();
  }
}

async function repairIfAsked(
  { repair, dryRun, deleteExtra }: VerifyArguments,
  { differences }: RecheckOutcome,
  options: RecheckOptions,
): Promise<RepairOutcome> {
  if (!repair || differences.length === 0) return { ...NOTHING.repair, left: differences };
  log.info(`${dryRun ? "Would repair" : "Repairing"} what can be repaired of ${counted(differences.length, "row")}`);
  const outcome = await repairDifferences(differences, { ...options, dryRun, deleteExtra });
  for (const note of outcome.notes) log.warn(`${note}.`);
  return outcome;
}

/** Runs pipelines until a signal asks for an end. */
function createStop(runId: string) {
  const stopping = new AbortController();
  let reason: MigrationError | undefined;
  let cancel: (reason: MigrationError) => void = () => undefined;
  return {
    signal: stopping.signal,
    reason: () => reason,
    request(signal: NodeJS.Signals) {
      reason = new MigrationError("E_INTERRUPTED", `stopped by ${signal}`);
      openLedger(runId).stopRequested = true;
      stopping.abort();
      cancel(reason);
    },
    async run(build: PipelineBuilder) {
      if (reason !== undefined) throw reason;
      const job = await directLauncher.launch(build);
      cancel = (why) => void job.cancel(why);
      await job.wait();
    },
  };
}

function requireOneSource({ input, sourceTable, sample, repair, dryRun, deleteExtra }: VerifyArguments): void {
  if ((dryRun || deleteExtra) && !repair) {
    throw new MigrationError("E_USAGE", `--${dryRun ? "dry-run" : "delete-extra"} belongs to --repair`);
  }
  if ((input === undefined) === (sourceTable === undefined)) {
    throw new MigrationError("E_USAGE", "name either --input EXPORT or --source-table TABLE");
  }
  if (!(sample > 0 && sample <= 100)) {
    throw new MigrationError("E_USAGE", "--sample takes a number above 0 and up to 100 (per cent)");
  }
}

async function openInput({ input, sourceTable, manifest, scanSegments }: VerifyArguments): Promise<VerifyInput> {
  if (input === undefined) return { kind: "table", table: sourceTable ?? "", segments: scanSegments };
  const { dataFiles } = manifest ? await openExport(input) : await openWithoutManifest(input);
  return { kind: "export", files: dataFiles };
}

function announce(argv: VerifyArguments, { plan, input, sample }: VerifyConfig): void {
  const tables = plan.tables.map(({ name }) => name).join(", ");
  const part = sample < 1 ? `${argv.sample} % of the rows, a sample` : "every row";
  const source = input.kind === "table" ? `table ${input.table}` : `export ${argv.input} (${input.files.length} files)`;
  log.info(`Comparing ${part} of ${tables} with the items of ${source}`);
}

async function probeFolder(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new MigrationError("E_VERIFY_UNWRITABLE", `--differences ${path} can't be written: ${reason}`, { cause });
  }
}

function summarise(argv: VerifyArguments, config: VerifyConfig, found: Found, elapsedSeconds: number): VerifySummary {
  const { counts } = openVerifyLedger(config.runId);
  const { outcome, repair, unnamedExtra, repeated, failure } = found;
  const of = (kind: string) => repair.left.filter((difference) => difference.kind === kind).length;
  const mended = outcome.differences.filter(({ kind }) => kind !== "extra").length - of("different") - of("missing");
  const numbers = {
    read: counts.read,
    filtered: counts.filtered,
    notSampled: counts.notSampled,
    rows: counts.rows,
    equal: counts.equal + outcome.equal + mended - repair.behind,
    different: of("different") + counts.notLookedAtAgain + repeated,
    missing: of("missing"),
    extra: of("extra") + unnamedExtra,
    // Rows that were made since the export have no item in it.
    behind: counts.behind + outcome.behind + repair.behind + (counts.newerRows - counts.newerMatched),
    repaired: argv.dryRun ? 0 : repair.repaired.size,
    wouldRepair: argv.dryRun ? repair.repaired.size : 0,
  };
  return {
    command: "verify",
    status: statusOf(failure, numbers),
    source: config.input.kind === "table" ? `table ${config.input.table}` : `export ${argv.input}`,
    sample: argv.sample,
    ...numbers,
    readTimestamp: config.readTimestamp,
    elapsedSeconds: Math.round(elapsedSeconds * 1000) / 1000,
  };
}

function statusOf(
  failure: unknown,
  { different, missing, extra, behind }: Pick<VerifySummary, "different" | "missing" | "extra" | "behind">,
): VerifyStatus {
  if (failure instanceof MigrationError && failure.code === "E_INTERRUPTED") return "interrupted";
  if (failure !== undefined) return "failed";
  if (different + missing + extra > 0) return "different";
  return behind > 0 ? "behind" : "equal";
}

/** Says what the table does not, and returns the exit code. */
function reportEnd(argv: VerifyArguments, plan: MigrationPlan, summary: VerifySummary, found: Found): number {
  const { different, missing, extra, behind, sample } = summary;
  if (found.failure !== undefined) return reportFailure(found.failure);
  if (sample < 100) log.warn(`A sample: ${sample} % of the rows were compared. It proves nothing of the others.`);
  if (behind > 0) {
    log.warn(
      argv.sourceTable === undefined
        ? `${behind} rows have changed since the export; --source-table compares them too.`
        : `${behind} rows moved while they were looked at: a change is on its way, or has just come.`,
    );
  }
  const details: string[] = [];
  if (found.repeated > 0) details.push(`${found.repeated} keys occur more than once in the source`);
  if (found.unnamedExtra > 0) details.push(`${found.unnamedExtra} rows without an item are counted but not listed`);
  const unlisted = different - found.repeated - found.repair.left.filter(({ kind }) => kind === "different").length;
  if (unlisted > 0) details.push(`${unlisted} rows that differ or are missing are counted but not listed`);
  if (different + missing + extra === 0) return 0;
  const rows = plan.tables.map(({ name }) => name).join(", ");
  return reportFailure(
    new MigrationError(
      "E_VERIFY_DIFFERS",
      `${rows}: ${different} rows differ, ${missing} are missing, ${extra} have no item`,
      { details },
    ),
  );
}
