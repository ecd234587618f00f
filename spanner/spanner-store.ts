import type { protos } from "@google-cloud/spanner";
import type { RowKey } from "../schema/row-change";
import type { WireValue } from "../schema/wire-value";
import { commitBytes } from "./commit-bytes";
import type { RowMutation } from "./commit-request";
import { encodeKeySet, encodeMutations } from "./encode-mutations";
import { KEYS_PER_READ, readInParts } from "./read-in-parts";
import { type ReadWriteTransaction, runTransaction, type TransactionConnection } from "./read-write-transaction";
import type { StoreMutation, StoreReader, VersionedStore } from "./versioned-store";
import { fromProtobufList, toProtobufList } from "./wire-protobuf";

type KeyRange = protos.google.spanner.v1.IKeyRange;

/** `VersionedStore` on a Spanner database (or its emulator), in either dialect. Any number of transactions may run at once. */
export function spannerStore(connection: TransactionConnection): VersionedStore {
  return {
    transact: (work) =>
      runTransaction(connection, async (transaction) => {
        const { mutations, result } = await work(readerOf(transaction));
        // Without mutations too: that is what ends the transaction, and with it its locks.
        await commitMutations(connection, transaction, mutations);
        return result;
      }),
  };
}

/** Reads in the form that the decisions on versions want. */
export function readerOf(transaction: ReadWriteTransaction): StoreReader {
  return {
    readRows(table, columns, keys) {
      return readInParts(keys, async (part) => {
        return (await transaction.readKeys({ table, columns, keySet: encodeKeySet(part) })).map(fromProtobufList);
      });
    },
    async readBeneath(table, keyColumns, prefix, limit) {
      const found: (readonly WireValue[])[] = [];
      let last: RowKey | undefined;
      while (found.length < limit) {
        const keySet = { ranges: [rangeBeneath(prefix, last)] };
        const wanted = Math.min(limit - found.length, KEYS_PER_READ);
        const rows = await transaction.read({ table, columns: [...keyColumns], keySet, limit: wanted });
        for (const row of rows) found.push(fromProtobufList(row));
        if (rows.length < wanted) break;
        last = found.at(-1);
      }
      return found;
    },
  };
}

export function commitMutations(
  connection: TransactionConnection,
  transaction: ReadWriteTransaction,
  mutations: readonly StoreMutation[],
): Promise<void> {
  return commitRows(connection, transaction, encodeMutations(mutations));
}

/** Ends the transaction with mutations that are encoded already. */
export async function commitRows(
  connection: TransactionConnection,
  transaction: ReadWriteTransaction,
  mutations: readonly RowMutation[],
): Promise<void> {
  const { session } = transaction;
  const begun = { kind: "begun", id: await transaction.id() } as const;
  await commitBytes(connection, session, begun, mutations, connection.requestMilliseconds);
}

/** All keys that begin with the prefix, or those of them after `last` (google/spanner/v1/keys.proto, `KeyRange`). */
function rangeBeneath(prefix: RowKey, last: RowKey | undefined): KeyRange {
  const start = last === undefined ? { startClosed: toProtobufList(prefix) } : { startOpen: toProtobufList(last) };
  return { ...start, endClosed: toProtobufList(prefix) };
}
