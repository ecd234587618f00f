import { CommitRefused } from "../spanner/commit-refused";
import { compileRepair, type RepairResult, type RowRepair } from "../spanner/repair-rows";
import { takeSnapshot } from "../spanner/row-reader";
import { spannerStore } from "../spanner/spanner-store";
import { retryTransient } from "../spanner/transient-retry";
import type { Suspect } from "../transforms/verify-ledger";
import { type RecheckOptions, recheck, type Settled } from "./verify-recheck";

export interface RepairOptions extends RecheckOptions {
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Rows without an item are removed; otherwise they are left for a person to decide. */
  readonly deleteExtra: boolean;
}

export interface RepairOutcome {
  /** Differences that were written, or in a dry run would be. */
  readonly repaired: ReadonlySet<Settled>;
  /** What is different after the repair. */
  readonly left: readonly Settled[];
  /** Rows that are behind after the repair. */
  readonly behind: number;
  /** Sentences on differences that were left alone. */
  readonly notes: readonly string[];
}

/** Rows in one transaction. */
const ROWS_PER_TRANSACTION = 50;

/**
 * Writes the rows that differ, parents first, and looks at them again. Nothing newer is ever overwritten: the row is looked
 * at first, then the item is read, and the row is written only if it is still what was looked at, its version too.
 *
 * Left alone: items that can't be converted, rows without an item (unless told otherwise), and, of an export, rows whose
 * items have changed since it was made.
 */
export async function repairDifferences(
  differences: readonly Settled[],
  options: RepairOptions,
): Promise<RepairOutcome> {
  const { plan, source, deleteExtra, dryRun } = options;
  const levelOf = ({ table }: Settled) => plan.tables[table]?.level ?? 0;
  const repairable = differences.filter((each) => reasonToLeave(each, source, deleteExtra) === undefined);
  const writes = repairable.filter(({ kind }) => kind !== "extra").sort((a, b) => levelOf(a) - levelOf(b));
  const deletes = repairable.filter(({ kind }) => kind === "extra").sort((a, b) => levelOf(b) - levelOf(a));
  const leftAlone = differences.filter((each) => !repairable.includes(each));
  const notes = notesOn(leftAlone, source, deleteExtra);
  if (dryRun) return { repaired: new Set(repairable), left: differences, behind: 0, notes };

  const results = new Map<Settled, RepairResult | "refused">();
  for (const group of [writes, deletes]) {
    for (let start = 0; start < group.length; start += ROWS_PER_TRANSACTION) {
      await repairBatch(group.slice(start, start + ROWS_PER_TRANSACTION), options, results);
    }
  }
  const outcome = await recheck(repairable.map(suspectOf), options);
  const of = (result: RepairResult | "refused") => repairable.filter((each) => results.get(each) === result);
  return {
    repaired: new Set(of("written")),
    left: [...leftAlone, ...outcome.differences],
    behind: outcome.behind,
    notes: [
      ...notes,
      ...note(of("moved").length, "had changed when they were to be written, and were left"),
      ...note(of("kept").length, "without an item were kept, for rows are interleaved in them"),
      ...note(of("refused").length, "were refused by Spanner (a parent that is missing, a unique index)"),
    ],
  };
}

async function repairBatch(
  batch: readonly Settled[],
  options: RepairOptions,
  results: Map<Settled, RepairResult | "refused">,
): Promise<void> {
  const { connection, judge, plan, signal } = options;
  const look = await judge.look(await takeSnapshot(connection, { signal }), batch);
  const repairs: { readonly settled: Settled; readonly repair: RowRepair }[] = [];
  for (const settled of batch) {
    const repair = await repairOf(settled, options);
    if (repair === undefined) results.set(settled, "moved");
    else repairs.push({ settled, repair: { ...repair, seen: look(settled) } });
  }
  const apply = compileRepair(plan);
  const run = (part: typeof repairs) =>
    retryTransient(
      () =>
        apply(
          spannerStore(connection),
          part.map(({ repair }) => repair),
        ),
      { subject: connection.databaseName, signal },
    );
  const write = async (part: typeof repairs): Promise<void> => {
    try {
      const written = await run(part);
      for (const [index, { settled }] of part.entries()) results.set(settled, written[index] ?? "moved");
    } catch (error) {
      if (!(error instanceof CommitRefused)) throw error;
      const [only, ...others] = part;
      if (only !== undefined && others.length === 0) results.set(only.settled, "refused");
      // One by one: only the row at fault stays as it is.
      else for (const each of part) await write([each]);
    }
  };
  if (repairs.length > 0) await write(repairs);
}

/** What the row shall be, by the item as it is now; undefined: the item does not ask for what it asked for before. */
async function repairOf(
  settled: Settled,
  { source, readItem }: RepairOptions,
): Promise<Omit<RowRepair, "seen"> | undefined> {
  const { table, key, kind, itemKey, values } = settled;
  if (source === "export" || itemKey === null) return { table, key, values: kind === "extra" ? null : values };
  const item = await readItem(itemKey);
  if (kind === "extra") return item === undefined ? { table, key, values: null } : undefined;
  return item?.values == null ? undefined : { table, key, values: item.values };
}

function reasonToLeave(
  { kind, table, values, found }: Settled,
  source: RepairOptions["source"],
  deleteExtra: boolean,
): "item" | "extra" | "newer" | undefined {
  if (kind === "extra") return deleteExtra ? undefined : "extra";
  if (table < 0 || values === null) return "item";
  return source === "export" && found.version !== undefined ? "newer" : undefined;
}

function notesOn(left: readonly Settled[], source: RepairOptions["source"], deleteExtra: boolean): readonly string[] {
  const count = (reason: string) => left.filter((each) => reasonToLeave(each, source, deleteExtra) === reason).length;
  return [
    ...note(count("item"), "belong to items that can't be converted: mend the mapping or the item"),
    ...note(count("extra"), "without an item are left alone; --delete-extra removes them"),
    ...note(count("newer"), "have changed since the export; repair them with --source-table"),
  ];
}

function note(count: number, text: string): readonly string[] {
  return count === 0 ? [] : [`${count} rows ${text}`];
}

function suspectOf({ kind, table, key, values, refusal, place, itemKey }: Settled): Suspect {
  if (kind === "extra") return { kind: "row", table, key };
  return { kind: "item", table, key, values, refusal, place: place ?? "", itemKey };
}
