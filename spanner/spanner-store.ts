import type { protos } from "@google-cloud/spanner";
import type { RowKey } from "../schema/row-change";
import { requireCommitted } from "./commit-answer";
import { type ReadWriteTransaction, runTransaction, type TransactionConnection } from "./read-write-transaction";
import type { StoreMutation, StoreReader, VersionedStore } from "./versioned-store";
import { fromProtobufList, toProtobufList } from "./wire-protobuf";

type KeyRange = protos.google.spanner.v1.IKeyRange;
type Mutation = protos.google.spanner.v1.IMutation;

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
    async readRows(table, columns, keys) {
      const keySet = { keys: keys.map(toProtobufList) };
      return (await transaction.read({ table, columns: [...columns], keySet })).map(fromProtobufList);
    },
    async readBeneath(table, columns, prefix, limit) {
      const keySet = { ranges: [prefixRange(prefix)] };
      return (await transaction.read({ table, columns: [...columns], keySet, limit })).map(fromProtobufList);
    },
  };
}

export async function commitMutations(
  { client, requestMilliseconds }: TransactionConnection,
  transaction: ReadWriteTransaction,
  mutations: readonly StoreMutation[],
): Promise<void> {
  const transactionId = await transaction.id();
  const [answer] = await client.commit(
    { session: transaction.session, transactionId, mutations: mutations.map(toMutation) },
    { timeout: requestMilliseconds, retry: null },
  );
  requireCommitted(answer);
}

/** All keys that begin with the prefix (google/spanner/v1/keys.proto, `KeyRange`). */
function prefixRange(prefix: RowKey): KeyRange {
  return { startClosed: toProtobufList(prefix), endClosed: toProtobufList(prefix) };
}

function toMutation(mutation: StoreMutation): Mutation {
  if (mutation.kind === "delete") {
    return { delete: { table: mutation.table, keySet: { keys: [toProtobufList(mutation.key)] } } };
  }
  const { table, columns, values } = mutation;
  return { insertOrUpdate: { table, columns: [...columns], values: [toProtobufList(values)] } };
}
