import fc from "fast-check";
import type { MigrationPlan, TablePlan } from "../../schema/migration-plan";
import type { RowChange, RowKey, RowReference } from "../../schema/row-change";
import { padSequenceNumber } from "../../schema/sequence-number";
import type { WireValue } from "../../schema/wire-value";

/** How the tables of a random history lie in each other. */
export interface TreeOptions {
  readonly onDelete: "NO ACTION" | "CASCADE";
  readonly createParent: boolean;
}

const NAMES = ["Customers", "Orders", "Lines"];
const KEYS = ["CustomerId", "OrderId", "LineId"];

/** Customers, Orders in Customers, Lines in Orders; each with its key and one column `Value`. */
export function threeLevelPlan(options: TreeOptions): MigrationPlan {
  const text = { type: { kind: "STRING", length: "MAX" }, lossy: false } as const;
  const tables = NAMES.map((name, level): TablePlan => {
    const parent = NAMES[level - 1];
    const keys = KEYS.slice(0, level + 1);
    return {
      name,
      columns: [
        ...keys.map((key) => ({ ...text, name: key, notNull: true, source: attribute(key) })),
        { ...text, name: "Value", notNull: false, source: attribute("Value") },
      ],
      keyLength: keys.length,
      keyDescending: keys.map(() => false),
      ...(parent === undefined ? {} : { parent }),
      level,
      when: [],
      otherAttributes: "error",
      indexes: [],
      onDelete: level === 0 ? "NO ACTION" : options.onDelete,
      createParent: options.createParent,
      versionTable: `${name}_versions`,
    };
  });
  return { source: { table: "Shop", partitionKey: "PK", sortKey: "SK" }, tables, otherItems: "error" };
}

function attribute(name: string): { readonly kind: "attribute"; readonly path: readonly string[] } {
  return { kind: "attribute", path: [name] };
}

/** One write of the application to the source. */
export interface SourceWrite extends RowReference {
  /** null: a delete. */
  readonly value: string | null;
  readonly sequenceNumber: bigint;
}

/** What the migration does next: the pieces of bulk load and stream in any order. */
export type Step =
  | { readonly kind: "window"; readonly messages: readonly number[] }
  | { readonly kind: "bulk"; readonly rows: readonly number[] };

export interface ReplicationCase {
  readonly tree: TreeOptions;
  readonly writes: readonly SourceWrite[];
  /** Messages exist for the writes from this one on: the subscription was made before it. */
  readonly subscribedAt: number;
  /** The export holds the state after this many writes; never before the subscription. */
  readonly exportedAt: number;
  readonly steps: readonly Step[];
  /** Feeds the faults: which transactions abort, which answers get lost. */
  readonly faultSeed: number;
}

/** Shortest identity of a row, for these plans. */
export function rowName(row: RowReference): string {
  return row.key.join("/");
}

/** State of the source after the first `count` writes: the value of each item that exists. */
export function sourceState(writes: readonly SourceWrite[], count: number): ReadonlyMap<string, SourceWrite> {
  const state = new Map<string, SourceWrite>();
  for (const write of writes.slice(0, count)) {
    if (write.value === null) state.delete(rowName(write));
    else state.set(rowName(write), write);
  }
  return state;
}

/** The rows that the target must end with: the source's items, and key-only rows above items whose parent is gone. */
export function expectedRows(history: ReplicationCase): ReadonlyMap<string, string | null> {
  return expectedRowsOf(history.writes);
}

export function expectedRowsOf(writes: readonly SourceWrite[]): ReadonlyMap<string, string | null> {
  const rows = new Map<string, string | null>();
  for (const [name, write] of sourceState(writes, writes.length)) {
    rows.set(name, write.value);
    for (let length = 1; length < write.key.length; length++) {
      const ancestor = write.key.slice(0, length).join("/");
      if (!rows.has(ancestor)) rows.set(ancestor, null);
    }
  }
  for (const [name, write] of sourceState(writes, writes.length)) rows.set(name, write.value);
  return rows;
}

/** The streamed change of a write. */
export function changeOf(write: SourceWrite): RowChange {
  return {
    table: write.table,
    key: write.key,
    row: write.value === null ? null : [...write.key, write.value],
    sequenceNumber: padSequenceNumber(write.sequenceNumber),
    changedAt: null,
  };
}

/** The rows of the export. */
export function exportedRows(history: ReplicationCase): readonly RowChange[] {
  return [...sourceState(history.writes, history.exportedAt).values()].map((write) => ({
    ...changeOf(write),
    sequenceNumber: null,
  }));
}

/** Intents of an application; what can't happen in the source (by the mapping's promises) is left out of its history. */
export interface Intent {
  readonly path: readonly number[];
  readonly delete: boolean;
  readonly childrenFirst: boolean;
  readonly gap: bigint;
}

/**
 * Turns intents into writes.
 * - CASCADE is the user's word that children go with their parent: the application deletes them just before or after it.
 * - Without createParent an item's parent must have existed before it, or the item could never get a row.
 */
export function writesOf(intents: readonly Intent[], options: TreeOptions): readonly SourceWrite[] {
  const writes: SourceWrite[] = [];
  const seen = new Set<string>();
  let sequenceNumber = 0n;
  const append = (key: RowKey, value: string | null, gap: bigint) => {
    sequenceNumber += gap;
    writes.push({ table: key.length - 1, key, value, sequenceNumber });
  };
  for (const [index, intent] of intents.entries()) {
    const key = intent.path.map(String);
    const name = key.join("/");
    const parent = key.slice(0, -1).join("/");
    const living = sourceState(writes, writes.length);
    if (!intent.delete) {
      if (parent !== "" && !options.createParent && !seen.has(parent)) continue;
      seen.add(name);
      append(key, `v${index}`, intent.gap);
      continue;
    }
    const beneath = [...living.values()].filter((write) => rowName(write).startsWith(`${name}/`));
    const going: readonly RowKey[] = options.onDelete === "CASCADE" ? beneath.map((write) => write.key) : [];
    for (const child of intent.childrenFirst ? going : []) append(child, null, 1n);
    if (living.has(name)) append(key, null, intent.gap);
    for (const child of intent.childrenFirst ? [] : going) append(child, null, 1n);
  }
  return writes;
}

export const intent: fc.Arbitrary<Intent> = fc.record({
  path: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 3 }),
  delete: fc.boolean(),
  childrenFirst: fc.boolean(),
  // Sequence numbers grow by leaps, so that their lengths differ.
  gap: fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 10n ** 20n)),
});

/** A random history, a random moment of the export, and a random course of the migration. */
export function replicationCase(options: TreeOptions, maxWrites = 14): fc.Arbitrary<ReplicationCase> {
  return fc.array(intent, { minLength: 1, maxLength: maxWrites }).chain((intents) => {
    const writes = writesOf(intents, options);
    // A parent that was deleted before the subscription is known to nobody: only createParent can mend that.
    const subscribedAt = options.createParent ? fc.nat(writes.length) : fc.constant(0);
    return subscribedAt.chain((start) =>
      fc.nat(writes.length - start).chain((later) => {
        const exportedAt = start + later;
        const exported = sourceState(writes, exportedAt).size;
        return fc
          .record({ steps: course(start, writes.length, exported), faultSeed: fc.integer() })
          .map((rest) => ({ tree: options, writes, subscribedAt: start, exportedAt, ...rest }));
      }),
    );
  });
}

/** Every message and every exported row at least once, some several times, in any order, cut into steps anywhere. */
function course(firstMessage: number, messageEnd: number, exported: number): fc.Arbitrary<readonly Step[]> {
  const messages = Array.from({ length: messageEnd - firstMessage }, (_, index) => firstMessage + index);
  const rows = Array.from({ length: exported }, (_, index) => index);
  const pieces = [
    ...messages.map((number) => ({ kind: "window" as const, number })),
    ...rows.map((number) => ({ kind: "bulk" as const, number })),
  ];
  if (pieces.length === 0) return fc.constant([]);
  const again = fc.array(fc.constantFrom(...pieces), { maxLength: 8 });
  return again
    .chain((repeated) => fc.shuffledSubarray([...pieces, ...repeated], { minLength: pieces.length + repeated.length }))
    .chain((order) =>
      fc.array(fc.boolean(), { minLength: order.length, maxLength: order.length }).map((cuts) => cutAt(order, cuts)),
    );
}

function cutAt(
  order: readonly { readonly kind: "window" | "bulk"; readonly number: number }[],
  cuts: readonly boolean[],
): readonly Step[] {
  const steps: Step[] = [];
  let open: { window: number[]; bulk: number[] } = { window: [], bulk: [] };
  const close = () => {
    if (open.window.length > 0) steps.push({ kind: "window", messages: open.window });
    if (open.bulk.length > 0) steps.push({ kind: "bulk", rows: open.bulk });
    open = { window: [], bulk: [] };
  };
  for (const [index, piece] of order.entries()) {
    open[piece.kind].push(piece.number);
    if (cuts[index] === true) close();
  }
  close();
  return steps;
}

/** The rows of a table as `expectedRows` has them. */
export function shownRows(
  plan: MigrationPlan,
  read: (table: string) => readonly Readonly<Record<string, WireValue>>[],
) {
  const rows = new Map<string, WireValue>();
  for (const table of plan.tables) {
    for (const row of read(table.name)) {
      const key = table.columns.slice(0, table.keyLength).map((column) => String(row[column.name]));
      rows.set(key.join("/"), row["Value"] ?? null);
    }
  }
  return rows;
}
