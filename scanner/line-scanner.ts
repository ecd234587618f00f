import type { Dialect } from "../schema/column-type";
import type { MigrationPlan } from "../schema/migration-plan";
import type { SpanRowEncoder } from "../spanner/span-row-encoder";
import { AttributeCursor } from "./attribute-cursor";
import { AttributeNames } from "./attribute-names";
import { Tag } from "./attribute-tag";
import { compileColumnEncoder } from "./column-encoder";
import type { SpanEncoder } from "./span-encoder";

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_BRACE = 0x7d;
const LINE_START = Buffer.from('{"Item":{');

/** Longer ones are left to the slow path, which measures items. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** Half of what a primary key may have (`MAX_KEY_SIZE`), so that other columns than text fit beside it in any case. */
const MAX_KEY_TEXT_BYTES = 4096;

/**
 * Appends the row of one line to `rows`, or says that it can't tell (false, and nothing is appended). It is true only
 * where the slow path (`parseExportLine`, the item converter, `appendRow`) would append the same bytes.
 *
 * @param bytes UTF-8
 * @param end where the line's newline stands
 */
export type LineScanner = (bytes: Buffer, start: number, end: number, line: number) => boolean;

/** A column, made ready. */
interface ScannedColumn {
  /** Number of the attribute that fills it. */
  readonly attribute: number;
  readonly encode: SpanEncoder;
  readonly isRequired: boolean;
}

/**
 * A scanner for the lines of an export, compiled once from a plan; undefined where the plan asks for more than columns
 * that are filled from whole attributes of a single table. docs/scanner.md
 */
export function compileLineScanner(
  plan: MigrationPlan,
  dialect: Dialect,
  rows: SpanRowEncoder,
): LineScanner | undefined {
  const [table] = plan.tables;
  if (table === undefined || plan.tables.length > 1 || table.when.length > 0) return undefined;
  if (table.otherAttributes !== "error") return undefined;
  const names: string[] = [];
  const columns: ScannedColumn[] = [];
  for (const [at, column] of table.columns.entries()) {
    const isKey = at < table.keyLength;
    const name =
      column.source.kind === "attribute" && column.source.path.length === 1 ? column.source.path[0] : undefined;
    const encode = compileColumnEncoder(column, dialect, isKey);
    if (column.source.kind !== "attribute" || column.source.match !== undefined) return undefined;
    if (typeof name !== "string" || encode === undefined) return undefined;
    if (!names.includes(name)) names.push(name);
    columns.push({ attribute: names.indexOf(name), encode, isRequired: isKey || column.notNull });
  }
  const { keyLength } = table;
  const attributes = new LineAttributes(names);

  return function scanLine(bytes, start, end, line) {
    if (!attributes.read(bytes, start, end)) return false;
    const { tags, starts, ends } = attributes;
    rows.beginRow();
    let keyTextBytes = 0;
    for (let at = 0; at < columns.length; at++) {
      const { attribute, encode, isRequired } = columns[at] as ScannedColumn;
      const tag = tags[attribute] as Tag;
      const valueStart = starts[attribute] as number;
      const valueEnd = ends[attribute] as number;
      let isKnown = true;
      if (tag === Tag.absent || tag === Tag.null) {
        isKnown = !isRequired;
        rows.nullValue();
      } else isKnown = encode(rows, bytes, tag, valueStart, valueEnd);
      if (at < keyLength) {
        keyTextBytes += valueEnd - valueStart;
        if (keyTextBytes > MAX_KEY_TEXT_BYTES) isKnown = false;
        if (at + 1 === keyLength) rows.endKey();
      }
      if (!isKnown) {
        rows.abandonRow();
        return false;
      }
    }
    rows.endRow(line);
    return true;
  };
}

/** Where each attribute of a line lies; `Tag.absent` for one that the line has not. */
class LineAttributes {
  readonly tags: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  private readonly names: AttributeNames;
  private readonly cursor = new AttributeCursor();

  constructor(names: readonly string[]) {
    this.names = new AttributeNames(names);
    this.tags = new Uint8Array(names.length);
    this.starts = new Int32Array(names.length);
    this.ends = new Int32Array(names.length);
  }

  /** False if the line is anything but `{"Item":{…}}` with attributes of these names, each once. */
  read(bytes: Buffer, start: number, end: number): boolean {
    // The newline ends every loop that looks for the end of something.
    if (bytes[end] !== NEWLINE || end - start > MAX_LINE_BYTES || !isLineStart(bytes, start)) return false;
    const { cursor, names, tags, starts, ends } = this;
    tags.fill(Tag.absent);
    let at = start + LINE_START.length;
    if (bytes[at] !== CLOSE_BRACE) {
      for (;;) {
        const nameEnd = plainNameEnd(bytes, at);
        if (nameEnd === 0 || bytes[nameEnd + 1] !== COLON) return false;
        const attribute = names.find(bytes, at + 1, nameEnd);
        if (attribute === -1 || tags[attribute] !== Tag.absent) return false;
        if (!cursor.read(bytes, nameEnd + 2)) return false;
        tags[attribute] = cursor.tag;
        starts[attribute] = cursor.start;
        ends[attribute] = cursor.end;
        at = cursor.next;
        if (bytes[at] === CLOSE_BRACE) break;
        if (bytes[at] !== COMMA) return false;
        at++;
      }
    }
    return bytes[at + 1] === CLOSE_BRACE && at + 2 === end;
  }
}

function isLineStart(bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < LINE_START.length; at++) {
    if (bytes[start + at] !== LINE_START[at]) return false;
  }
  return true;
}

/** Where the closing quote of a name without escapes stands; 0 if it has any, or there is none. */
function plainNameEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return 0;
  let position = at + 1;
  let byte = bytes[position] as number;
  while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++position] as number;
  return byte === QUOTE ? position : 0;
}
