import type { v1 } from "@google-cloud/spanner";
import { requireCommitted } from "./commit-answer";
import { commitMethod, takeEncodedRequests } from "./encoded-call";

/**
 * Sends an encoded CommitRequest once.
 *
 * @param session the one that `request` names
 * @throws the client's gRPC error, DEADLINE_EXCEEDED after the time given, ABORTED if the answer tells of no commit
 */
export type SendCommit = (session: string, request: Buffer, timeoutMilliseconds: number) => Promise<void>;

/**
 * A commit of encoded messages through the official client: its authentication, endpoint, TLS, channels, routing headers
 * and user agent are in use; only its encoding, and its retries, are left out.
 *
 * @param database full name of the database
 */
export async function openSendCommit(client: v1.SpannerClient, database: string): Promise<SendCommit> {
  const requestOf = await takeEncodedRequests(client, commitMethod);
  return async (session, request, timeoutMilliseconds) => {
    const [answer] = await client.commit(requestOf(session, request), {
      timeout: timeoutMilliseconds,
      retry: null,
      // As the client's own commits have them: https://cloud.google.com/spanner/docs/leader-aware-routing
      otherArgs: { headers: { "google-cloud-resource-prefix": database, "x-goog-spanner-route-to-leader": "true" } },
    });
    requireCommitted(answer);
  };
}
