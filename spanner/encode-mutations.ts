import type { RowKey } from "../schema/row-change";
import type { WireValue } from "../schema/wire-value";
import { type RowMutation, selectedKeySet, writeTarget } from "./commit-request";
import { RowEncoder } from "./row-encoder";
import type { StoreMutation } from "./versioned-store";

/**
 * Mutations as encoded rows, in their order: neighbours that write the same columns of one table, or delete its rows, make
 * one. That is a third of the bytes, and less work for both sides.
 */
export function encodeMutations(mutations: readonly StoreMutation[]): readonly RowMutation[] {
  const encoded: RowMutation[] = [];
  for (let from = 0; from < mutations.length; ) {
    const first = mutations[from] as StoreMutation;
    let to = from + 1;
    while (to < mutations.length && isAlike(first, mutations[to] as StoreMutation)) to++;
    encoded.push(encodeAlike(first, mutations.slice(from, to)));
    from = to;
  }
  return encoded;
}

/** The content of a `KeySet`. */
export function encodeKeySet(keys: readonly RowKey[]): Buffer {
  return selectedKeySet({ rows: encodeRows(keys), from: 0, to: keys.length });
}

function isAlike(left: StoreMutation, right: StoreMutation): boolean {
  if (left.table !== right.table) return false;
  if (left.kind === "delete" || right.kind === "delete") return left.kind === right.kind;
  const { columns } = left;
  return right.columns.length === columns.length && right.columns.every((column, index) => column === columns[index]);
}

function encodeAlike(first: StoreMutation, all: readonly StoreMutation[]): RowMutation {
  const rows = encodeRows(all.map((mutation) => (mutation.kind === "write" ? mutation.values : mutation.key)));
  const target = writeTarget(first.table, first.kind === "write" ? first.columns : []);
  return { operation: first.kind === "write" ? "insertOrUpdate" : "delete", target, rows, from: 0, to: rows.count };
}

/** All values count as the key: of a row that is only written, nobody asks where its key ends. */
function encodeRows(rows: readonly (readonly WireValue[])[]) {
  const encoder = new RowEncoder(rows[0]?.length ?? 0);
  for (const row of rows) encoder.appendRow(row, 0);
  return encoder.finish();
}
