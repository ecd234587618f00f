import type { MutationSet, Spanner } from "@google-cloud/spanner";
import type { WireValue } from "../schema/wire-value";
import { loadSpannerClient } from "./client-module";
import type { RowMutation, RowSelection } from "./commit-request";
import type { SpannerConnection } from "./connection";
import { decodeKey, decodeRow } from "./row-decoder";
import { withinTime } from "./within-time";

/**
 * Commits rows once through the official client's own objects (`Database#writeAtLeastOnce`) instead of encoded messages:
 * the same mutations, at several times the cost.
 *
 * @throws the client's gRPC error
 */
export async function commitObjects(
  connection: SpannerConnection,
  mutations: readonly RowMutation[],
  timeoutMilliseconds: number,
): Promise<void> {
  const client = loadSpannerClient();
  const set = new client.MutationSet();
  for (const mutation of mutations) addMutation(set, client.Spanner, mutation);
  // The types know no gaxOptions here, though they reach Transaction#commit; the wait for a session has no limit at all.
  const options = { gaxOptions: { timeout: timeoutMilliseconds, retry: null } } as object;
  await withinTime(connection.database().writeAtLeastOnce(set, options), timeoutMilliseconds);
}

function addMutation(set: MutationSet, values: typeof Spanner, mutation: RowMutation): void {
  const { target, rows } = mutation;
  const convert = (value: WireValue): unknown => clientValue(values, value);
  if (mutation.operation === "delete") {
    const keys = selectedRows(mutation).map((row) => decodeKey(rows, row).map(convert));
    set.deleteRows(target.table, keys as Parameters<MutationSet["deleteRows"]>[1]);
    return;
  }
  set.upsert(
    target.table,
    selectedRows(mutation).map((row) =>
      Object.fromEntries(decodeRow(rows, row).map((value, index) => [target.columns[index], convert(value)])),
    ),
  );
}

function selectedRows({ order, from, to }: RowSelection): number[] {
  return Array.from({ length: to - from }, (_, index) => order?.[from + index] ?? from + index);
}

/** The client takes a plain integral number for an INT64, and sends it as text. */
function clientValue(values: typeof Spanner, value: WireValue): unknown {
  if (typeof value === "number") return values.float(value);
  return Array.isArray(value) ? value.map((element) => clientValue(values, element)) : value;
}
