import type { protos, v1 } from "@google-cloud/spanner";
import type { RowSelection } from "./commit-request";
import { readMethod, takeEncodedRequests } from "./encoded-call";
import { elementEnd, keyBytes } from "./encoded-rows";
import { varintLength, writeVarint } from "./varint";

export type ResultSet = protos.google.spanner.v1.IResultSet;

/**
 * Field tags (field number * 8 + 2). Sources: google/spanner/v1/spanner.proto (`ReadRequest`), transaction.proto
 * (`TransactionSelector`), keys.proto (`KeySet.keys` = 1).
 */
const tag = { session: 0x0a, transaction: 0x12, table: 0x1a, columns: 0x2a, keySet: 0x32, keys: 0x0a } as const;
const transactionIdTag = 0x12;
/** `TransactionSelector { begin: TransactionOptions { read_write: {} } }` */
const beginReadWrite = Buffer.of(0x1a, 2, 0x0a, 0);

/** The columns of the rows that have the keys. */
export interface KeyRead {
  readonly table: string;
  readonly columns: readonly string[];
  /** The content of a `KeySet`. */
  readonly keySet: Buffer;
}

/** A `google.spanner.v1.ReadRequest`; without a transaction it begins a read-write one. */
export function encodeReadRequest(session: string, transactionId: Uint8Array | undefined, read: KeyRead): Buffer {
  const selector = transactionId === undefined ? beginReadWrite : field(transactionIdTag, transactionId);
  return Buffer.concat([
    field(tag.session, Buffer.from(session)),
    field(tag.transaction, selector),
    field(tag.table, Buffer.from(read.table)),
    ...read.columns.map((column) => field(tag.columns, Buffer.from(column))),
    field(tag.keySet, read.keySet),
  ]);
}

/** The distinct keys of the rows that lie above the selected ones: the first `length` values of each key. */
export function parentKeySet({ rows, order, from, to }: RowSelection, length: number): Buffer {
  const prefixes = new Map<string, Buffer>();
  for (let index = from; index < to; index++) {
    const key = keyBytes(rows, order?.[index] ?? index);
    let end = 0;
    for (let index = 0; index < length; index++) end = elementEnd(key, end);
    const prefix = key.subarray(0, end);
    prefixes.set(prefix.toString("latin1"), prefix);
  }
  return keySetOf([...prefixes.values()]);
}

/** @param keys each as the content of a `ListValue` */
function keySetOf(keys: readonly Buffer[]): Buffer {
  const length = keys.reduce((sum, key) => sum + 1 + varintLength(key.length) + key.length, 0);
  const bytes = Buffer.allocUnsafe(length);
  let position = 0;
  for (const key of keys) {
    bytes[position] = tag.keys;
    position = writeVarint(bytes, position + 1, key.length);
    position += key.copy(bytes, position);
  }
  return bytes;
}

function field(fieldTag: number, content: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(1 + varintLength(content.length) + content.length);
  bytes[0] = fieldTag;
  bytes.set(content, writeVarint(bytes, 1, content.length));
  return bytes;
}

/** Sends an encoded ReadRequest once, with the call options of `client.read`; `session` is the one that it names. */
export type SendRead = (session: string, request: Buffer, options: object) => Promise<ResultSet>;

const senders = new WeakMap<object, Promise<SendRead>>();

/** A read by encoded messages through the official client, as `openSendCommit` does for commits. */
export function openSendRead(client: v1.SpannerClient): Promise<SendRead> {
  let sender = senders.get(client);
  if (sender === undefined) {
    sender = createSendRead(client);
    senders.set(client, sender);
  }
  return sender;
}

async function createSendRead(client: v1.SpannerClient): Promise<SendRead> {
  const requestOf = await takeEncodedRequests(client, readMethod);
  return async (session, request, options) => {
    const [result] = await client.read(requestOf(session, request), options);
    return result;
  };
}
