import { isUtf8 } from "node:buffer";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import type { Tagged } from "../beam/tagged-outputs";
import { registerForWorkers } from "../beam/worker-module";
import { MigrationError } from "../errors/migration-error";
import type { Block } from "../export/block";
import type { Item } from "../schema/attribute-value";
import type { Dialect } from "../schema/column-type";
import { type ExportedChange, parseIncrementalLine } from "../schema/incremental-line";
import { compileItemConverter, compileKeyConverter } from "../schema/item-converter";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowChange } from "../schema/row-change";
import { forEachLine } from "./block-lines";
import type { ConvertItemConfig } from "./convert-item";
import { type DeadLetter, type DeadLetterReason, deadLetter } from "./dead-letter";
import { openLedger } from "./ledger";

/** The change of one row that a line of an incremental export asks for. */
export interface LineChange extends RowChange {
  readonly writeTimestampMicros: string;
  /** Number of the line in its file, and its length. */
  readonly line: number;
  readonly bytes: number;
  /** The item's primary key, to read it again. */
  readonly itemKey: Item;
}

export interface ChangedBlock {
  /** The text that the changes come from: one that is refused becomes a dead letter with its line. */
  readonly block: Block;
  readonly changes: readonly LineChange[];
}

export interface ConvertChangesOutputs {
  readonly changes: ChangedBlock;
  readonly failures: DeadLetter;
}

/**
 * Converts the lines of a block of an incremental export to changes of rows: a {@link Block} in, one {@link ChangedBlock}
 * and a dead letter for each line that can't become a change out. Counts `filtered` in the run's ledger.
 *
 * Each pass takes the tables of its level; what no table takes, or can't be read, belongs to the pass of level 0.
 */
export class ConvertChanges implements AsyncDoFn<Block, Tagged<ConvertChangesOutputs>> {
  readonly beamName = "ConvertChanges";
  private toPlace: ((change: ExportedChange) => Place | undefined) | undefined;

  constructor(readonly config: ConvertItemConfig) {}

  startBundle(): void {
    this.toPlace = compilePlace(this.config.plan, this.config.dialect);
  }

  async process(block: Block, _context: unknown, emit: Emit<Tagged<ConvertChangesOutputs>>): Promise<void> {
    const { plan, level, runId } = this.config;
    const { toPlace } = this;
    if (toPlace === undefined) throw new TypeError("ConvertChanges was not started");
    const levelOf = (table: string | undefined) => plan.tables.find(({ name }) => name === table)?.level ?? 0;
    const changes: LineChange[] = [];
    const failures: DeadLetter[] = [];
    let filtered = 0;
    forEachLine(block, (start, end, line) => {
      try {
        const change = parseIncrementalLine(textOf(block, start, end));
        requireKeysOf(plan, change);
        const place = toPlace(change);
        if (place === undefined) filtered += level === 0 ? 1 : 0;
        else if (plan.tables[place.table]?.level === level) changes.push(lineChange(place, change, line, end - start));
      } catch (error) {
        const reason = reasonOf(error);
        if (levelOf(reason.table) !== level) return;
        const whole = block.oversizedLineBytes === undefined ? {} : { wholePayloadBytes: block.oversizedLineBytes };
        failures.push(deadLetter(reason, { file: block.file, line }, block.bytes.subarray(start, end), whole));
      }
    });
    if (filtered > 0) openLedger(runId).add(block.file, { filtered });
    for (const failure of failures) await emit({ failures: failure });
    if (changes.length > 0) await emit({ changes: { block, changes } });
  }
}

type Place = Pick<RowChange, "table" | "key" | "row">;

/** Compiles where an item's row lies and what it holds; undefined for an item that the mapping leaves out. */
export function compilePlace(
  plan: MigrationPlan,
  dialect: Dialect,
): (change: Pick<ExportedChange, "keys" | "image">) => Place | undefined {
  const convertItem = compileItemConverter(plan, { dialect });
  const convertKey = compileKeyConverter(plan, { dialect });
  return ({ keys, image }) => {
    if (image === null) {
      const place = convertKey(keys);
      return place.kind === "key" ? { table: place.table, key: place.key, row: null } : undefined;
    }
    const outcome = convertItem(image);
    if (outcome.kind !== "row") return undefined;
    const { table, values } = outcome;
    return { table, key: values.slice(0, plan.tables[table]?.keyLength), row: values };
  };
}

function lineChange(place: Place, { keys, writeTimestampMicros }: ExportedChange, line: number, bytes: number) {
  return { ...place, sequenceNumber: null, changedAt: null, writeTimestampMicros, line, bytes, itemKey: keys };
}

function textOf({ bytes, oversizedLineBytes }: Block, start: number, end: number): string {
  if (oversizedLineBytes !== undefined) {
    throw new MigrationError("E_LINE_TOO_LONG", `the line has ${oversizedLineBytes} bytes: no change is that long`);
  }
  if (!isUtf8(bytes.subarray(start, end))) {
    throw new MigrationError("E_LINE_NOT_UTF8", "the line holds bytes that are not UTF-8");
  }
  return bytes.toString("utf8", start, end);
}

function requireKeysOf({ source }: MigrationPlan, { keys }: ExportedChange): void {
  const wanted = source.sortKey === undefined ? [source.partitionKey] : [source.partitionKey, source.sortKey];
  const found = Object.keys(keys);
  if (found.length === wanted.length && wanted.every((name) => Object.hasOwn(keys, name))) return;
  throw new MigrationError(
    "E_CHANGE_KEYS",
    `Keys are ${JSON.stringify(found)}; the mapping's source has ${JSON.stringify(wanted)}`,
  );
}

/** What a dead letter says of an error; one that is not about the line is thrown on. */
export function reasonOf(error: unknown): DeadLetterReason {
  if (error instanceof MigrationError && error.code !== "E_INTERNAL") return error;
  throw error;
}

registerForWorkers("transforms/convert-changes", { ConvertChanges });
