import { createHash } from "node:crypto";
import { MigrationError } from "../errors/migration-error";
import { type Change, parseChange } from "../schema/change";
import type { Dialect } from "../schema/column-type";
import { compileItemConverter, compileKeyConverter } from "../schema/item-converter";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowChange, RowReference } from "../schema/row-change";
import { padSequenceNumber } from "../schema/sequence-number";
import { ancestorRows, compileTableTree } from "../spanner/table-tree";
import type { ChangeMessage, StreamedChange } from "./change-message";
import { type DeadLetter, type DeadLetterReason, deadLetter } from "./dead-letter";

export interface ParseChangeOptions {
  readonly dialect: Dialect;
  /** What becomes of deletes by Time to Live. */
  readonly expiredItems: "delete" | "ignore";
  /** Into how many groups the items of a window are spread. */
  readonly shards: number;
}

/** What becomes of a message: exactly one of these. */
export type ParsedMessage =
  | { readonly kind: "change"; readonly change: StreamedChange }
  | { readonly kind: "filtered" }
  | { readonly kind: "expired" }
  | { readonly kind: "deadLetter"; readonly deadLetter: DeadLetter };

/**
 * Compiles the reading of messages: from a message to the row change it asks for, with the conversion that the bulk load
 * uses too. The function never throws for anything that a message holds: what can't be read or converted is a dead
 * letter, so that no message stops the others or comes back for ever.
 */
export function compileMessageParser(
  plan: MigrationPlan,
  options: ParseChangeOptions,
): (message: ChangeMessage) => ParsedMessage {
  const toRow = compileRowChange(plan, options.dialect);
  const shardOf = compileSharding(plan, options.shards);

  return function parseMessage(message) {
    const bytes = Buffer.from(message.data, "base64");
    let sequenceNumber: bigint | undefined;
    try {
      const change = parseChange(parseJson(bytes));
      sequenceNumber = change.sequenceNumber;
      requireSource(plan, change, message);
      if (change.kind === "delete" && change.expired && options.expiredItems === "ignore") return { kind: "expired" };
      const row = toRow(change);
      if (row === undefined) return { kind: "filtered" };
      return { kind: "change", change: { ...row, message, shard: shardOf(row) } };
    } catch (error) {
      return { kind: "deadLetter", deadLetter: messageDeadLetter(reasonOf(error), message, bytes, sequenceNumber) };
    }
  };
}

/** A dead letter of a message; `bytes` are its data. */
export function messageDeadLetter(
  reason: DeadLetterReason,
  message: ChangeMessage,
  bytes: Buffer,
  sequenceNumber: bigint | undefined,
): DeadLetter {
  const { messageId, publishTime } = message;
  const number = sequenceNumber === undefined ? {} : { sequenceNumber: sequenceNumber.toString() };
  return deadLetter(reason, { messageId, publishTime, ...number }, bytes);
}

function compileRowChange(
  plan: MigrationPlan,
  dialect: Dialect,
): (change: Change) => (RowChange & { readonly sequenceNumber: string }) | undefined {
  const convertItem = compileItemConverter(plan, { dialect });
  const convertKey = compileKeyConverter(plan, { dialect });
  return (change) => {
    const order = {
      sequenceNumber: padSequenceNumber(change.sequenceNumber),
      changedAt: change.changedAt ?? null,
    };
    if (change.kind === "delete") {
      const place = convertKey(change.keys);
      return place.kind === "key" ? { table: place.table, key: place.key, row: null, ...order } : undefined;
    }
    const converted = convertItem(change.image);
    if (converted.kind !== "row") return undefined;
    const { table, values } = converted;
    return { table, key: values.slice(0, plan.tables[table]?.keyLength), row: values, ...order };
  };
}

/** By the row at the top of the interleaving: parents, their children and all changes of an item meet in one shard. */
function compileSharding(plan: MigrationPlan, shards: number): (row: RowReference) => string {
  const tree = compileTableTree(plan);
  return (row) => {
    const top = ancestorRows(tree, row).at(-1) ?? row;
    const hash = createHash("md5").update(tree.idOf(top)).digest();
    return String(hash.readUInt32BE(0) % shards);
  };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the text, which is the item's.
    throw new MigrationError(
      "E_CHANGE_NOT_JSON",
      `the message's data (${bytes.length} bytes) is no JSON text in UTF-8`,
    );
  }
}

/** The record's own word on its table counts most; the publisher's attribute stands in for a bare record. */
function requireSource(plan: MigrationPlan, change: Change, message: ChangeMessage): void {
  const { source } = plan;
  const attribute = Object.hasOwn(message.attributes, "table") ? message.attributes["table"] : undefined;
  const table = change.table ?? attribute;
  if (table !== undefined && table !== source.table) {
    throw new MigrationError(
      "E_CHANGE_OTHER_TABLE",
      `the message is of table ${JSON.stringify(table)}; the mapping's source is ${JSON.stringify(source.table)}`,
    );
  }
  const wanted = source.sortKey === undefined ? [source.partitionKey] : [source.partitionKey, source.sortKey];
  const found = Object.keys(change.keys);
  if (found.length !== wanted.length || !wanted.every((name) => Object.hasOwn(change.keys, name))) {
    throw new MigrationError(
      "E_CHANGE_KEYS",
      `dynamodb.Keys are ${JSON.stringify(found)}; the mapping's source has ${JSON.stringify(wanted)}`,
    );
  }
}

/** Unforeseen errors are named by their kind only: their text might quote the item. */
function reasonOf(error: unknown): DeadLetterReason {
  if (error instanceof MigrationError) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return { code: "E_INTERNAL", message: `reading the message failed with ${name}` };
}
