import { isUtf8 } from "node:buffer";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { MigrationError } from "../errors/migration-error";
import type { Block } from "../export/block";
import { blockMemory } from "../memory/buffer-pool";
import { compileLineScanner } from "../scanner/line-scanner";
import type { Dialect } from "../schema/column-type";
import { ConversionError } from "../schema/conversion-error";
import { parseExportLine } from "../schema/export-line";
import { compileLevelConverter } from "../schema/item-converter";
import type { MigrationPlan } from "../schema/migration-plan";
import type { EncodedRows } from "../spanner/encoded-rows";
import { SpanRowEncoder } from "../spanner/span-row-encoder";
import { forEachLine } from "./block-lines";
import { type DeadLetter, type DeadLetterReason, deadLetter } from "./dead-letter";
import { openLedger } from "./ledger";

/** What has become of the lines of one block so far: rows that are ready to be committed, dead letters, and the rest. */
export interface ConvertedBlock {
  /** The text that the rows come from: a row that Spanner refuses becomes a dead letter with its line. */
  readonly block: Block;
  /** Only tables that got a row. */
  readonly tables: readonly TableBlock[];
  /** Lines that can't become rows. They travel with their block, so that it is finished only when they are stored. */
  readonly letters: readonly DeadLetter[];
  /** How many items a rule of the mapping leaves out. */
  readonly filtered: number;
}

export interface TableBlock {
  /** Index in `MigrationPlan.tables`. */
  readonly table: number;
  readonly rows: EncodedRows;
}

export interface ConvertItemConfig {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly dialect: Dialect;
  /** Rows of tables of this level are made; items of others are left to the pass for theirs. */
  readonly level: number;
}

/**
 * Converts the lines of a block to rows: a {@link Block} in, one {@link ConvertedBlock} out, with a dead letter for each line
 * that can't become a row. Counts `filtered` in the run's ledger.
 *
 * An item that no table takes, or that can't be read, belongs to the pass of level 0.
 */
export class ConvertItem implements AsyncDoFn<Block, ConvertedBlock> {
  readonly beamName = "ConvertItem";
  private convertBlock: ((block: Block) => ConvertedBlock) | undefined;

  constructor(readonly config: ConvertItemConfig) {}

  startBundle(): void {
    this.convertBlock = compileBlockConverter(this.config);
  }

  process(block: Block, _context: unknown, emit: Emit<ConvertedBlock>): Promise<void> | undefined {
    if (this.convertBlock === undefined) throw new TypeError("ConvertItem was not started");
    const converted = this.convertBlock(block);
    const { filtered } = converted;
    if (filtered > 0) openLedger(this.config.runId).add(block.file, { filtered });
    return emit(converted) ?? undefined;
  }
}

const lend = (bytes: number): Buffer => blockMemory.lend(bytes);

function compileBlockConverter({ plan, dialect, level }: ConvertItemConfig): (block: Block) => ConvertedBlock {
  const convertItem = compileLevelConverter(plan, { dialect, level });
  const encoders = plan.tables.map((table) =>
    table.level === level ? new SpanRowEncoder(table.keyLength) : undefined,
  );
  const scanLine = encoders[0] === undefined ? undefined : compileLineScanner(plan, dialect, encoders[0]);
  const levelOf = new Map(plan.tables.map((table) => [table.name, table.level]));

  return function convertBlock(block) {
    const letters: DeadLetter[] = [];
    let filtered = 0;
    const wholeBlockIsUtf8 = isUtf8(block.bytes);

    const scan = wholeBlockIsUtf8 && block.oversizedLineBytes === undefined ? scanLine : undefined;

    forEachLine(block, (start, end, line) => {
      // A line that the scanner knows needs nothing of what follows; it gives the same row.
      if (scan?.(block.bytes, start, end, line) === true) return;
      try {
        if (block.oversizedLineBytes !== undefined) throw tooLong(block.oversizedLineBytes);
        if (!wholeBlockIsUtf8 && !isUtf8(block.bytes.subarray(start, end))) throw notUtf8();
        const outcome = convertItem(parseExportLine(block.bytes.toString("utf8", start, end)));
        if (outcome.kind === "row") encoders[outcome.table]?.appendRow(outcome.values, line);
        else if (outcome.kind === "filtered") filtered++;
      } catch (error) {
        const reason = reasonOf(error);
        const table = reason.table === undefined ? 0 : (levelOf.get(reason.table) ?? 0);
        if (table !== level) return;
        const source = { file: block.file, line };
        const whole = block.oversizedLineBytes === undefined ? {} : { wholePayloadBytes: block.oversizedLineBytes };
        letters.push(deadLetter(reason, source, block.bytes.subarray(start, end), whole));
      }
    });

    const tables: TableBlock[] = [];
    for (const [table, encoder] of encoders.entries()) {
      if (encoder !== undefined && encoder.count > 0) tables.push({ table, rows: encoder.finish(lend) });
    }
    return { block, tables, letters, filtered };
  };
}

/** What a dead letter says of an error; one that is not about the item is thrown on. */
function reasonOf(error: unknown): DeadLetterReason {
  if (error instanceof ConversionError) return error;
  if (error instanceof MigrationError && error.code !== "E_INTERNAL") {
    return { code: error.code, message: error.message };
  }
  throw error;
}

function tooLong(bytes: number): MigrationError {
  return new MigrationError("E_LINE_TOO_LONG", `the line has ${bytes} bytes: no item of DynamoDB is that long`);
}

function notUtf8(): MigrationError {
  return new MigrationError("E_LINE_NOT_UTF8", "the line holds bytes that are not UTF-8");
}

registerForWorkers("transforms/convert-item", { ConvertItem });
