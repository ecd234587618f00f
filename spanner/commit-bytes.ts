import { blockMemory } from "../memory/buffer-pool";
import { type CommitTransaction, encodeCommitRequest, type RowMutation } from "./commit-request";
import type { SpannerConnection } from "./connection";

/**
 * Encodes a commit and sends it once.
 *
 * @throws as `SendCommit`
 */
export async function commitBytes(
  { sendCommit }: Pick<SpannerConnection, "sendCommit">,
  session: string,
  transaction: CommitTransaction,
  mutations: readonly RowMutation[],
  timeoutMilliseconds: number,
): Promise<void> {
  const request = encodeCommitRequest(session, transaction, mutations);
  await sendCommit(session, request, timeoutMilliseconds);
  // Spanner has answered, so nobody sends it any more. One that failed may still lie in a queue of the client's.
  blockMemory.giveBack(request);
}
