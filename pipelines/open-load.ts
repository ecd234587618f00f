import { MigrationError } from "../errors/migration-error";
import type { ExportedTable } from "../export/open-export";
import { fileProgress, type LoadRow, type LoadStatus, loadTotals } from "../schema/load-progress";
import type { MigrationPlan } from "../schema/migration-plan";
import type { SpannerConnection } from "../spanner/connection";
import { decideLoad, endLoad, isTableEmpty, type KnownLoad, type LoadDecision, readParts } from "../spanner/load-store";
import { columnNames } from "../spanner/row-reader";
import { identityDifferences, type LoadIdentity, loadIdentity, sharesTable } from "./load-identity";
import { createLoadProgress, type LoadProgress } from "./load-progress";
import { log } from "./log";

export interface LoadSettings {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly exclusive: boolean;
  /** Address of the folder. */
  readonly deadLetters: string;
  /** Forgets what is recorded of these tables. */
  readonly restart: boolean;
}

/** A load that keeps a record of its progress in the target database. */
export interface OpenLoad {
  readonly loadId: string;
  /** What earlier runs have finished. */
  readonly progress: LoadProgress;
  /** Records how this run has ended. */
  end(status: LoadStatus): Promise<void>;
}

/**
 * Finds out whether this run goes on with a load that was begun, or begins one, and writes that down.
 *
 * @throws MigrationError E_LOAD_CHANGED, E_LOAD_ROWS_GONE, E_PROGRESS_UNREADABLE, E_SPANNER_…
 */
export async function openLoad(
  connection: SpannerConnection,
  source: ExportedTable,
  settings: LoadSettings,
): Promise<OpenLoad> {
  const { plan, exclusive, deadLetters } = settings;
  const identity = loadIdentity(plan, source, exclusive);
  const fresh: LoadRow = newLoad(identity, source, settings);
  const { load, before } = await decideLoad(connection, (known) => decide(known, identity, fresh, settings.restart));
  const progress = createLoadProgress(
    fileProgress(before === undefined ? [] : await readParts(connection, load.loadId)),
  );
  const { read, written, deadLettered } = loadTotals(progress.files);
  if (before !== undefined && read > 0) {
    log.info(`Going on with the load that was begun at ${load.startedAt}: run ${load.runs}`);
    if (deadLettered > 0 && before.deadLetters !== deadLetters) {
      log.warn(`Dead letters of the run before this one are in ${before.deadLetters}`);
    }
  }
  if (written > 0) await requireRows(connection, plan);
  return {
    loadId: load.loadId,
    progress,
    end: (status) => endLoad(connection, { ...load, status, endedAt: new Date().toISOString() }),
  };
}

function newLoad(
  identity: LoadIdentity,
  { url, dataFiles, summary }: ExportedTable,
  { runId, deadLetters }: LoadSettings,
): LoadRow {
  const now = new Date().toISOString();
  return {
    ...identity,
    loadId: runId,
    exportUrl: url,
    items: summary?.itemCount ?? null,
    files: dataFiles.length,
    deadLetters,
    status: "running",
    runId,
    runs: 1,
    startedAt: now,
    runStartedAt: now,
    endedAt: null,
  };
}

/** Of the loads into a table there is one: to begin another one is to forget it. */
function decide(known: readonly KnownLoad[], identity: LoadIdentity, fresh: LoadRow, restart: boolean): LoadDecision {
  const others = known.filter(({ load }) => sharesTable(load, identity));
  const same = others.find(({ load }) => identityDifferences(load, identity).length === 0);
  if (!restart && same !== undefined && same.load.status !== "unaccounted") {
    const { loadId, startedAt, runs } = same.load;
    return { forget: [], load: { ...fresh, loadId, startedAt, runs: runs + 1 }, before: same.load };
  }
  const unfinished = others.find(({ load, hasParts }) => hasParts && !isFinished(load.status));
  if (!restart && unfinished !== undefined) {
    const { exportUrl, startedAt } = unfinished.load;
    throw new MigrationError(
      "E_LOAD_CHANGED",
      `a load of ${exportUrl} that was begun at ${startedAt} is not finished, and this is another one`,
      { details: identityDifferences(unfinished.load, identity) },
    );
  }
  return { forget: others.map(({ load }) => load.loadId), load: fresh };
}

function isFinished(status: LoadStatus): boolean {
  return status === "proven" || status === "dead-letters" || status === "unaccounted";
}

/** What is recorded must not stand for rows that are gone: tables are emptied, or made anew, between rehearsals. */
async function requireRows(connection: SpannerConnection, plan: MigrationPlan): Promise<void> {
  for (const table of plan.tables) {
    const [keyColumn = ""] = columnNames(table);
    if (!(await isTableEmpty(connection, table.name, keyColumn))) return;
  }
  const names = plan.tables.map(({ name }) => name).join(", ");
  throw new MigrationError(
    "E_LOAD_ROWS_GONE",
    `earlier runs of this load have written rows, but there are none in ${names}`,
  );
}
