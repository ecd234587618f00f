import fc from "fast-check";
import type { RowChange } from "../../schema/row-change";
import type { ApplyOutcome } from "../../spanner/apply-transaction";
import type { UndecidedChange } from "../../spanner/decision";
import {
  changeOf,
  intent,
  rowName,
  type SourceWrite,
  sourceState,
  type TreeOptions,
  writesOf,
} from "./replication-history";

/** The pieces of a migration in which the subscription lost messages, and incremental exports make up for them. */
export interface IncrementalCase {
  readonly tree: TreeOptions;
  readonly writes: readonly SourceWrite[];
  /** Times of the writes, microseconds since 1970, ascending; many fall into one second. */
  readonly micros: readonly number[];
  /** The full export holds the state after this many writes. */
  readonly exportedAt: number;
  /** Bounds of the incremental exports, as numbers of writes: each holds the changes from one to the next. */
  readonly bounds: readonly number[];
  readonly steps: readonly IncrementalStep[];
  readonly faultSeed: number;
}

export interface IncrementalStep {
  readonly kind: Kind;
  /** Indexes: of writes, of exported rows, of lines. */
  readonly pieces: readonly number[];
}

type Kind = "messages" | "rows" | "lines";

/**
 * The lines of an incremental export of the writes from `from` up to but not including `to`, as DynamoDB compacts them:
 * the newest write of each item, and none for an item that came and went in between.
 */
function linesOf(
  { writes, micros }: Pick<IncrementalCase, "writes" | "micros">,
  from: number,
  to: number,
): RowChange[] {
  const before = sourceState(writes, from);
  const newest = new Map<string, number>();
  for (let index = from; index < to; index++) newest.set(rowName(writes[index] as SourceWrite), index);
  return [...newest].flatMap(([name, index]) => {
    const write = writes[index] as SourceWrite;
    if (write.value === null && !before.has(name)) return [];
    return [{ ...changeOf(write), sequenceNumber: null, writeTimestampMicros: String(micros[index]) }];
  });
}

export function allLines(history: Pick<IncrementalCase, "writes" | "micros" | "bounds">): readonly RowChange[] {
  return history.bounds.slice(1).flatMap((to, index) => linesOf(history, history.bounds[index] ?? 0, to));
}

export function allRows({ writes, exportedAt }: Pick<IncrementalCase, "writes" | "exportedAt">): readonly RowChange[] {
  return [...sourceState(writes, exportedAt).values()].map((write) => ({ ...changeOf(write), sequenceNumber: null }));
}

/** The streamed change of a write, with its time as DynamoDB Streams gives it: whole seconds, rounded down. */
function messageOf({ writes, micros }: IncrementalCase, index: number): RowChange {
  const second = Math.floor((micros[index] ?? 0) / 1_000_000) * 1000;
  return { ...changeOf(writes[index] as SourceWrite), changedAt: new Date(second).toISOString() };
}

/**
 * A random history in which the messages of some writes in a row are lost. The incremental exports begin with the first of
 * them and end at or after the last.
 */
export function incrementalCase(tree: TreeOptions, maxWrites = 14): fc.Arbitrary<IncrementalCase> {
  return fc.array(intent, { minLength: 1, maxLength: maxWrites }).chain((intents) => {
    const writes = writesOf(intents, tree);
    const moment = fc.nat(writes.length);
    return fc
      .record({
        moments: fc.tuple(moment, moment, moment, moment),
        cut: moment,
        gaps: fc.array(fc.oneof(fc.constant(1), fc.nat(300_000), fc.nat(3_000_000)), {
          minLength: writes.length,
          maxLength: writes.length,
        }),
        faultSeed: fc.integer(),
      })
      .chain(({ moments, cut, gaps, faultSeed }) => {
        const [exportedAt = 0, lostFrom = 0, lostTo = 0, end = 0] = moments.toSorted((left, right) => left - right);
        const middle = Math.min(Math.max(cut, lostFrom), end);
        let time = 1_700_000_000_000_000;
        const micros = gaps.map((gap) => (time += gap + 1));
        const base = { tree, writes, micros, exportedAt, bounds: [lostFrom, middle, end], faultSeed };
        const messages = writes.map((_, index) => index).filter((index) => index < lostFrom || index >= lostTo);
        return course(messages, allRows(base).length, allLines(base).length).map((steps) => ({ ...base, steps }));
      });
  });
}

/** Everything at least once, some of it several times, in any order, cut into steps anywhere. */
function course(messages: readonly number[], rows: number, lines: number): fc.Arbitrary<readonly IncrementalStep[]> {
  const pieces = [
    ...messages.map((number) => ({ kind: "messages" as const, number })),
    ...Array.from({ length: rows }, (_, number) => ({ kind: "rows" as const, number })),
    ...Array.from({ length: lines }, (_, number) => ({ kind: "lines" as const, number })),
  ];
  if (pieces.length === 0) return fc.constant([]);
  return fc
    .array(fc.constantFrom(...pieces), { maxLength: 8 })
    .chain((again) => fc.shuffledSubarray([...pieces, ...again], { minLength: pieces.length + again.length }))
    .chain((order) =>
      fc.array(fc.boolean(), { minLength: order.length, maxLength: order.length }).map((cuts) => {
        const steps: { kind: Kind; pieces: number[] }[] = [];
        for (const [index, { kind, number }] of order.entries()) {
          const open = steps.at(-1);
          if (open !== undefined && open.kind === kind && cuts[index] !== true) open.pieces.push(number);
          else steps.push({ kind, pieces: [number] });
        }
        return steps;
      }),
    );
}

type Apply = (changes: readonly RowChange[]) => Promise<ApplyOutcome<RowChange>>;

/** Items whose state nothing could tell: what would be dead letters of the code E_CHANGE_ORDER_UNDECIDED. */
export interface IncrementalResult {
  readonly undecided: readonly UndecidedChange<RowChange>[];
  readonly outcomes: readonly ApplyOutcome<RowChange>[];
  readonly waiting: readonly RowChange[];
}

/**
 * Runs the steps of a case. What waits for a parent, and what is undecided of the stream, is given in again with each later
 * step of its kind. A line that is undecided is settled by a read of the source, if it can be reached, or left.
 */
export async function replayIncremental(
  history: IncrementalCase,
  apply: Apply,
  options: { readonly sourceReachable: boolean },
): Promise<IncrementalResult> {
  const outcomes: ApplyOutcome<RowChange>[] = [];
  const state = sourceState(history.writes, history.writes.length);
  const rows = allRows(history);
  const lines = allLines(history);
  const held: Record<Kind, RowChange[]> = { messages: [], rows: [], lines: [] };
  const left: UndecidedChange<RowChange>[] = [];

  const settle = async (undecided: readonly UndecidedChange<RowChange>[]): Promise<void> => {
    if (!options.sourceReachable) {
      left.push(...undecided);
      return;
    }
    for (let open = undecided; open.length > 0; ) {
      const read = open.map(({ change, version }) => {
        const value = state.get(change.key.join("/"))?.value ?? null;
        return { ...change, row: value === null ? null : [...change.key, value], readAfter: version };
      });
      const outcome = await apply(read);
      outcomes.push(outcome);
      held.lines.push(...outcome.waiting);
      open = outcome.undecided;
    }
  };
  const run = async (kind: Kind, changes: readonly RowChange[]): Promise<void> => {
    const outcome = await apply([...held[kind], ...changes]);
    outcomes.push(outcome);
    held[kind] = [...outcome.waiting];
    if (kind === "messages") held[kind].push(...outcome.undecided.map(({ change }) => change));
    else await settle(outcome.undecided);
  };

  for (const { kind, pieces } of history.steps) {
    const from = { messages: (index: number) => messageOf(history, index), rows: at(rows), lines: at(lines) };
    await run(kind, pieces.map(from[kind]));
  }
  for (let before = -1; before !== total(held); ) {
    before = total(held);
    for (const kind of ["rows", "lines", "messages"] as const) if (held[kind].length > 0) await run(kind, []);
  }
  // The stream's time to wait is up: what is undecided still is a dead letter, which `replay` settles.
  const last = held.messages.length === 0 ? undefined : await apply(held.messages);
  if (last !== undefined) {
    outcomes.push(last);
    held.messages = [...last.waiting];
    await settle(last.undecided);
  }
  return { undecided: left, outcomes, waiting: Object.values(held).flat() };
}

function at(changes: readonly RowChange[]): (index: number) => RowChange {
  return (index) => changes[index] as RowChange;
}

function total(held: Readonly<Record<Kind, readonly RowChange[]>>): number {
  return Object.values(held).reduce((sum, changes) => sum + changes.length, 0);
}
