import { setTimeout as sleep } from "node:timers/promises";
import type { Item } from "../schema/attribute-value";
import type { ColumnDifference } from "../schema/compare-values";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowKey } from "../schema/row-change";
import { isStandInVersion } from "../schema/version-order";
import type { WireValue } from "../schema/wire-value";
import type { SpannerConnection } from "../spanner/connection";
import { takeSnapshot } from "../spanner/row-reader";
import type { ExpectedRow, Suspect, VerifySource } from "../transforms/verify-ledger";
import type { FoundRow, RowJudge } from "../transforms/verify-look";

/** A difference that stood while it was looked at. */
export interface Settled {
  readonly kind: "different" | "missing" | "extra";
  readonly table: number;
  readonly key: RowKey;
  /** Null: there is no item, or it can't be converted. */
  readonly values: readonly WireValue[] | null;
  readonly refusal: string | null;
  readonly place: string | null;
  readonly itemKey: Item | null;
  readonly found: FoundRow;
  readonly columns: readonly ColumnDifference[];
}

/** What became of suspects: each is counted once, or is a difference. */
export interface RecheckOutcome {
  equal: number;
  behind: number;
  /** Rows without an item that are gone by now, or stand in for the parent of rows that remain. */
  explained: number;
  readonly differences: Settled[];
}

export interface RecheckOptions {
  readonly connection: SpannerConnection;
  readonly judge: RowJudge;
  readonly plan: MigrationPlan;
  readonly source: VerifySource;
  /** Reads an item as it is now, where the source is a table; undefined: there is none. */
  readonly readItem: (itemKey: Item) => Promise<ExpectedRow | undefined>;
  /** How long a difference must stand, with neither item nor row moving. */
  readonly patienceMilliseconds: number;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 10_000;
/** Items read at once. */
const ITEMS_IN_FLIGHT = 16;

interface Watched {
  readonly suspect: Suspect;
  state: string | undefined;
  moved: boolean;
  last: Settled | undefined;
}

/**
 * Looks at suspects again and again, until they are settled or patience is over. A suspect whose item or version moved
 * meanwhile, and which still differs, is behind: what moves it may be on its way. One that stood still, and differs, is
 * a difference.
 */
export async function recheck(suspects: readonly Suspect[], options: RecheckOptions): Promise<RecheckOutcome> {
  const outcome: RecheckOutcome = { equal: 0, behind: 0, explained: 0, differences: [] };
  const deadline = Date.now() + options.patienceMilliseconds;
  let watched: Watched[] = suspects.map((suspect) => ({ suspect, state: undefined, moved: false, last: undefined }));
  for (
    let pause = FIRST_PAUSE_MILLISECONDS;
    watched.length > 0;
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)
  ) {
    watched = await lookOnce(watched, outcome, options);
    const left = deadline - Date.now();
    if (watched.length === 0 || left <= 0) break;
    await sleep(Math.min(pause, left), undefined, { signal: options.signal });
  }
  for (const { moved, last } of watched) {
    if (moved) outcome.behind++;
    else if (last !== undefined) outcome.differences.push(last);
  }
  return outcome;
}

/** Counts what is settled and returns the rest. */
async function lookOnce(
  watched: readonly Watched[],
  outcome: RecheckOutcome,
  options: RecheckOptions,
): Promise<Watched[]> {
  // First the item, then the row: a change between the two makes the row newer, never the item.
  const items = await inParallel(watched, ({ suspect }) => expectedNow(suspect, options));
  const placed = watched.map(({ suspect }) => suspect).filter(({ table }) => table >= 0);
  const look = await options.judge.look(await takeSnapshot(options.connection, { signal: options.signal }), placed);
  return watched.filter((each, index) => {
    const item = items[index] ?? null;
    const found = each.suspect.table < 0 ? NOTHING : look(each.suspect);
    const settled = settle(each.suspect, item, found, options);
    if (typeof settled === "string") {
      outcome[settled]++;
      return false;
    }
    const state = JSON.stringify([item?.values ?? null, found.version ?? null, found.row === undefined]);
    if (each.state !== undefined && each.state !== state) each.moved = true;
    each.state = state;
    each.last = settled;
    return true;
  });
}

const NOTHING: FoundRow = { row: undefined, version: undefined };

/** The row that the item asks for by now; null: there is no item. */
async function expectedNow(suspect: Suspect, { readItem }: RecheckOptions): Promise<ExpectedRow | null> {
  if (suspect.kind === "row") return null;
  if (suspect.itemKey === null) return suspect;
  return (await readItem(suspect.itemKey)) ?? null;
}

function settle(
  suspect: Suspect,
  item: ExpectedRow | null,
  found: FoundRow,
  { judge, plan, source }: RecheckOptions,
): Settled | "equal" | "behind" | "explained" {
  const { table, key } = suspect;
  const base = {
    ...{ table, key, found, columns: [], values: item?.values ?? null, refusal: item?.refusal ?? null },
    place: suspect.kind === "item" ? suspect.place : null,
    itemKey: suspect.kind === "item" ? suspect.itemKey : null,
  };
  if (item === null) {
    // The item went after it was read: both are gone, or the row must follow.
    if (found.row === undefined) return suspect.kind === "row" ? "explained" : "equal";
    if (isStandIn(plan.tables[table]?.keyLength ?? 0, found)) return "explained";
    if (source === "export" && found.version !== undefined) return "behind";
    return { ...base, kind: "extra" };
  }
  const verdict = judge.judge(table, item.values, found);
  switch (verdict.kind) {
    case "equal":
    case "behind":
      return verdict.kind;
    case "missing":
      return { ...base, kind: "missing" };
    case "different":
      return { ...base, kind: "different", columns: verdict.columns };
  }
}

/** A row with its key alone, kept or made because rows lie in it (docs/correctness.md, "Deletes and interleaved tables"). */
function isStandIn(keyLength: number, { row, version }: FoundRow): boolean {
  if (row === undefined || version === undefined) return false;
  if (!version.deleted && !isStandInVersion(version)) return false;
  return row.slice(keyLength).every((value) => value === null);
}

/** Results in the order of the elements. */
async function inParallel<Element, Result>(
  elements: readonly Element[],
  work: (element: Element) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const entries = elements.entries();
  const worker = async () => {
    for (const [index, element] of entries) results[index] = await work(element);
  };
  await Promise.all(Array.from({ length: ITEMS_IN_FLIGHT }, worker));
  return results;
}
