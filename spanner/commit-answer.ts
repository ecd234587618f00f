import type { protos } from "@google-cloud/spanner";
import { grpcStatus } from "./error-class";

/**
 * Requires that the answer to a commit says when it was committed. An answer without that time is no success, though gRPC
 * calls it OK: on a multiplexed session Spanner may ask for the commit once more, with a new precommit token
 * (google/spanner/v1/commit_response.proto, `multiplexed_session_retry`: "transaction has not committed yet").
 *
 * @throws an error with gRPC's code ABORTED, which asks for another attempt
 */
export function requireCommitted({ commitTimestamp }: protos.google.spanner.v1.ICommitResponse): void {
  if (commitTimestamp !== null && commitTimestamp !== undefined) return;
  throw Object.assign(new Error("Spanner answered a commit without the time of the commit: it is not committed"), {
    code: grpcStatus.ABORTED,
  });
}
