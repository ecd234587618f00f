import { isUtf8 } from "node:buffer";
import type { ErrorCode } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";
import type { Block } from "../export/block";
import type { Item } from "../schema/attribute-value";
import { parseExportLine } from "../schema/export-line";
import { forEachLine } from "./block-lines";

/** Takes the items of a block, and what is no item with its code. `line` is its number in the file. */
export interface ItemVisitor {
  item(item: Item, line: number): void;
  unreadable(code: ErrorCode, message: string, line: number): void;
}

/** Reads each line of a block. What `visitor` throws passes. */
export function forEachItem(block: Block, visitor: ItemVisitor): void {
  const wholeBlockIsUtf8 = isUtf8(block.bytes);
  forEachLine(block, (start, end, line) => {
    const read = readItem(block, wholeBlockIsUtf8, start, end);
    if (read instanceof MigrationError) visitor.unreadable(read.code, read.message, line);
    else visitor.item(read, line);
  });
}

function readItem(block: Block, isUtf8Block: boolean, start: number, end: number): Item | MigrationError {
  if (block.oversizedLineBytes !== undefined) {
    return new MigrationError("E_LINE_TOO_LONG", `the line has ${block.oversizedLineBytes} bytes`);
  }
  if (!isUtf8Block && !isUtf8(block.bytes.subarray(start, end))) {
    return new MigrationError("E_LINE_NOT_UTF8", "the line holds bytes that are not UTF-8");
  }
  try {
    return parseExportLine(block.bytes.toString("utf8", start, end));
  } catch (error) {
    if (error instanceof MigrationError && error.code !== "E_INTERNAL") return error;
    throw error;
  }
}
