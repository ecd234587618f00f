import type { RowKey } from "../schema/row-change";
import type { ItemVersion } from "../schema/version-order";
import type { WireValue } from "../schema/wire-value";

/** What the version table says of an item; see `isStandInVersion` for rows whose item is unseen. */
export interface StoredVersion extends ItemVersion {
  /** The item does not exist in the source (as far as applied): a tombstone. */
  readonly deleted: boolean;
}

/** One change of a transaction. Mutations are applied in their order. */
export type StoreMutation =
  /** Sets the named columns of a row, which is made if absent; other columns stay (Spanner's `insert_or_update`). */
  | {
      readonly kind: "write";
      readonly table: string;
      readonly columns: readonly string[];
      readonly values: readonly WireValue[];
    }
  /** Removes a row; one that is not there is no error. */
  | { readonly kind: "delete"; readonly table: string; readonly key: RowKey };

/**
 * Reads inside one read-write transaction: nothing that they saw, nor the absence of what they did not find, may change
 * before that transaction commits.
 */
export interface StoreReader {
  /** Values of the named columns for each of the keys that has a row; in any order. */
  readRows(
    table: string,
    columns: readonly string[],
    keys: readonly RowKey[],
  ): Promise<readonly (readonly WireValue[])[]>;
  /** The primary-key columns of up to `limit` rows whose key begins with `prefix`, in the order of the key. */
  readBeneath(
    table: string,
    keyColumns: readonly string[],
    prefix: RowKey,
    limit: number,
  ): Promise<readonly (readonly WireValue[])[]>;
}

/**
 * A database in which data rows and versions change together.
 *
 * `transact` runs `work` once in one read-write transaction and commits the mutations that it returns, all or none. It
 * does not retry: whoever calls decides (an ABORTED transaction must read again before it writes).
 */
export interface VersionedStore {
  transact<Result>(
    work: (reader: StoreReader) => Promise<{ readonly mutations: readonly StoreMutation[]; readonly result: Result }>,
  ): Promise<Result>;
}
