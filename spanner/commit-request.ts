import { blockMemory } from "../memory/buffer-pool";
import { contentStart, type EncodedRows, rowByteLength } from "./encoded-rows";
import { varintLength, writeVarint } from "./varint";

/**
 * Field tags of what is written here besides rows. Sources: google/spanner/v1/spanner.proto (`CommitRequest`),
 * mutation.proto (`Mutation`), keys.proto (`KeySet`), transaction.proto (`TransactionOptions.read_write` = 1).
 */
const commitRequest = { session: 0x0a, transactionId: 0x12, singleUseTransaction: 0x1a, mutations: 0x22 } as const;
const mutation = { insertOrUpdate: 0x1a, delete: 0x2a } as const;
const write = { table: 0x0a, columns: 0x12 } as const;
const deletion = { table: 0x0a, keySet: 0x12 } as const;
const keySetKeys = 0x0a;
const readWriteOptions = Buffer.of(0x0a, 0);

/** A table and the columns that each of its rows holds, key columns first, in the order of the encoded rows. */
export interface WriteTarget {
  readonly table: string;
  readonly columns: readonly string[];
  /** The fields `table` and `columns` of a `Mutation.Write`. */
  readonly writeHeader: Buffer;
  /** The field `table` of a `Mutation.Delete`. */
  readonly deleteHeader: Buffer;
}

export function writeTarget(table: string, columns: readonly string[]): WriteTarget {
  const tableField = lengthDelimited(write.table, Buffer.from(table));
  return {
    table,
    columns,
    writeHeader: Buffer.concat([
      tableField,
      ...columns.map((column) => lengthDelimited(write.columns, Buffer.from(column))),
    ]),
    deleteHeader: lengthDelimited(deletion.table, Buffer.from(table)),
  };
}

/**
 * Some rows of a table: `order[from]` up to and without `order[to]`, or without an `order` the rows `from` up to and
 * without `to` themselves.
 */
export interface RowSelection {
  readonly target: WriteTarget;
  readonly rows: EncodedRows;
  readonly order?: Uint32Array | undefined;
  readonly from: number;
  readonly to: number;
}

/** What a commit does with some rows. `delete` uses their key columns alone; a missing row is no error. */
export type RowMutation = RowSelection & { readonly operation: "insertOrUpdate" | "delete" };

export type CommitTransaction =
  /** A read-write transaction of this commit's own. A repetition may apply the mutations twice. */
  { readonly kind: "singleUse" } | { readonly kind: "begun"; readonly id: Uint8Array };

/**
 * A `google.spanner.v1.CommitRequest`, each row copied once, in `blockMemory`. Spanner applies the mutations in their
 * order.
 *
 * @param session full name, `projects/…/sessions/…`
 */
export function encodeCommitRequest(
  session: string,
  transaction: CommitTransaction,
  mutations: readonly RowMutation[],
): Buffer {
  const head = Buffer.concat([
    lengthDelimited(commitRequest.session, Buffer.from(session)),
    transaction.kind === "singleUse"
      ? lengthDelimited(commitRequest.singleUseTransaction, readWriteOptions)
      : lengthDelimited(commitRequest.transactionId, transaction.id),
  ]);
  const sizes = mutations.map(mutationSize);
  const total = sizes.reduce((sum, size) => sum + fieldLength(size.mutation), head.length);
  const request = blockMemory.lend(total);
  let position = head.copy(request);
  mutations.forEach((each, index) => {
    position = writeMutation(request, position, each, sizes[index] as MutationSize);
  });
  return request;
}

/** Bytes of a mutation's parts, each without its own tag and length. */
interface MutationSize {
  readonly rows: number;
  readonly content: number;
  readonly mutation: number;
}

function mutationSize(selection: RowMutation): MutationSize {
  const isDelete = selection.operation === "delete";
  const rows = isDelete ? keysByteLength(selection) : selectionByteLength(selection);
  const content = isDelete
    ? selection.target.deleteHeader.length + fieldLength(rows)
    : selection.target.writeHeader.length + rows;
  return { rows, content, mutation: fieldLength(content) };
}

function writeMutation(request: Buffer, start: number, selection: RowMutation, size: MutationSize): number {
  const isDelete = selection.operation === "delete";
  let position = writeField(request, start, commitRequest.mutations, size.mutation);
  position = writeField(request, position, isDelete ? mutation.delete : mutation.insertOrUpdate, size.content);
  if (!isDelete) {
    position += selection.target.writeHeader.copy(request, position);
    return copyRows(request, position, selection);
  }
  position += selection.target.deleteHeader.copy(request, position);
  position = writeField(request, position, deletion.keySet, size.rows);
  return copyKeys(request, position, selection);
}

/** Bytes that the rows of a selection take in a commit. */
export function selectionByteLength({ rows, order, from, to }: RowSelection): number {
  if (order === undefined) return (rows.offsets[to] ?? 0) - (rows.offsets[from] ?? 0);
  let sum = 0;
  for (let index = from; index < to; index++) sum += rowByteLength(rows, order[index] ?? 0);
  return sum;
}

function copyRows(request: Buffer, start: number, { rows, order, from, to }: RowSelection): number {
  if (order === undefined) return start + rows.bytes.copy(request, start, rows.offsets[from], rows.offsets[to]);
  let position = start;
  for (let index = from; index < to; index++) {
    const row = order[index] ?? 0;
    position = copyRow(request, position, rows.bytes, rows.offsets[row] ?? 0, rows.offsets[row + 1] ?? 0);
  }
  return position;
}

/** Up to this length a loop is quicker than a call of the native copy. */
const shortRowBytes = 128;

function copyRow(request: Buffer, position: number, bytes: Buffer, start: number, end: number): number {
  if (end - start > shortRowBytes) return position + bytes.copy(request, position, start, end);
  const offset = position - start;
  for (let at = start; at < end; at++) request[offset + at] = bytes[at] ?? 0;
  return offset + end;
}

/** The keys of the selected rows as the content of a `KeySet`. */
export function selectedKeySet(selection: SelectedRows): Buffer {
  const bytes = Buffer.allocUnsafe(keysByteLength(selection));
  copyKeys(bytes, 0, selection);
  return bytes;
}

type SelectedRows = Omit<RowSelection, "target">;

function keysByteLength({ rows, order, from, to }: SelectedRows): number {
  let sum = 0;
  for (let index = from; index < to; index++) {
    const row = order?.[index] ?? index;
    sum += fieldLength((rows.keyEnds[row] ?? 0) - contentStart(rows, row));
  }
  return sum;
}

function copyKeys(request: Buffer, start: number, { rows, order, from, to }: SelectedRows): number {
  let position = start;
  for (let index = from; index < to; index++) {
    const row = order?.[index] ?? index;
    const keyStart = contentStart(rows, row);
    const keyEnd = rows.keyEnds[row] ?? 0;
    position = writeField(request, position, keySetKeys, keyEnd - keyStart);
    position = copyRow(request, position, rows.bytes, keyStart, keyEnd);
  }
  return position;
}

/** Tag and length of a length-delimited field whose tag takes one byte, and its content. */
function fieldLength(content: number): number {
  return 1 + varintLength(content) + content;
}

function writeField(bytes: Buffer, position: number, fieldTag: number, content: number): number {
  bytes[position] = fieldTag;
  return writeVarint(bytes, position + 1, content);
}

function lengthDelimited(fieldTag: number, content: Uint8Array): Buffer {
  const field = Buffer.alloc(fieldLength(content.length));
  field.set(content, writeField(field, 0, fieldTag, content.length));
  return field;
}
