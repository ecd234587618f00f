import { isUtf8 } from "node:buffer";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { MigrationError } from "../errors/migration-error";
import type { Block } from "../export/block";
import type { Item } from "../schema/attribute-value";
import type { Dialect } from "../schema/column-type";
import { parseExportLine } from "../schema/export-line";
import { compileItemConverter, compileKeyConverter } from "../schema/item-converter";
import type { MigrationPlan } from "../schema/migration-plan";
import { parseItem } from "../schema/parse-item";
import { forEachLine } from "./block-lines";
import { type ExpectedRow, openVerifyLedger } from "./verify-ledger";

export interface ExpectRowsConfig {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly dialect: Dialect;
}

/**
 * The rows that the items of an export ask for: a {@link Block} in, its rows out; by the conversion that the load uses.
 * Counts `read` and `filtered` in the run's ledger.
 */
export class ExpectRows implements AsyncDoFn<Block, readonly ExpectedRow[]> {
  readonly beamName = "ExpectRows";
  private expect: ItemExpectation | undefined;

  constructor(readonly config: ExpectRowsConfig) {}

  startBundle(): void {
    this.expect = compileExpectation(this.config.plan, this.config.dialect);
  }

  process(block: Block, _context: unknown, emit: Emit<readonly ExpectedRow[]>): Promise<void> | undefined {
    const { expect } = this;
    if (expect === undefined) throw new TypeError("ExpectRows was not started");
    const { counts } = openVerifyLedger(this.config.runId);
    const rows: ExpectedRow[] = [];
    forEachLine(block, (start, end, line) => {
      counts.read++;
      const row = expect(() => itemOfLine(block, start, end), `${block.file}, line ${line}`, false);
      if (row === undefined) counts.filtered++;
      else rows.push(row);
    });
    return rows.length === 0 ? undefined : (emit(rows) ?? undefined);
  }
}

function itemOfLine({ bytes, oversizedLineBytes }: Block, start: number, end: number): Item {
  if (oversizedLineBytes !== undefined) {
    throw new MigrationError("E_LINE_TOO_LONG", `the line has ${oversizedLineBytes} bytes`);
  }
  if (!isUtf8(bytes.subarray(start, end))) throw new MigrationError("E_LINE_NOT_UTF8", "the line is not UTF-8");
  return parseExportLine(bytes.toString("utf8", start, end));
}

/** The row that an item asks for; undefined if the mapping leaves the item out. */
export type ItemExpectation = (read: () => Item, place: string, keepKey: boolean) => ExpectedRow | undefined;

/** Compiles what each item's row must be. An item that can't be converted has a place, at best, and a reason. */
export function compileExpectation(plan: MigrationPlan, dialect: Dialect): ItemExpectation {
  const convertItem = compileItemConverter(plan, { dialect });
  const convertKey = compileKeyConverter(plan, { dialect });

  const placeOf = (item: Item | undefined): Pick<ExpectedRow, "table" | "key"> => {
    try {
      const place = item === undefined ? undefined : convertKey(item);
      if (place?.kind === "key") return { table: place.table, key: place.key };
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
    }
    return { table: -1, key: [] };
  };

  return (read, place, keepKey) => {
    let item: Item | undefined;
    try {
      item = read();
      const outcome = convertItem(item);
      if (outcome.kind === "filtered") return undefined;
      const { table, values } = outcome;
      const itemKey = keepKey ? keyOf(plan, item) : null;
      return { table, key: values.slice(0, plan.tables[table]?.keyLength), values, refusal: null, place, itemKey };
    } catch (error) {
      if (!(error instanceof MigrationError) || error.code === "E_INTERNAL") throw error;
      const itemKey = keepKey && item !== undefined ? keyOf(plan, item) : null;
      return { ...placeOf(item), values: null, refusal: `${error.code}: ${error.message}`, place, itemKey };
    }
  };
}

/** @throws MigrationError for what no item may hold */
export function readItem(raw: unknown): Item {
  return parseItem(raw);
}

function keyOf({ source: { partitionKey, sortKey } }: MigrationPlan, item: Item): Item {
  const names = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Object.hasOwn(item, name) ? item[name] : undefined;
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

registerForWorkers("transforms/verify-expect", { ExpectRows });
