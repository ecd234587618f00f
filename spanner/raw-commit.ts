import type { v1 } from "@google-cloud/spanner";
import { requireCommitted } from "./commit-answer";

const commitPath = "/google.spanner.v1.Spanner/Commit";

/** Marks a request object whose message is encoded already. */
const encoded = Symbol("encoded CommitRequest");

type UnaryCall = (request: object, ...rest: unknown[]) => unknown;

interface GapicStub {
  commit: UnaryCall;
  makeUnaryRequest(
    path: string,
    serialize: (request: object) => Buffer,
    deserialize: (response: Buffer) => object,
    request: object,
    ...rest: unknown[]
  ): unknown;
  readonly constructor: { readonly service: { readonly Commit: { responseDeserialize(response: Buffer): object } } };
}

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
  // Documented as "a promise that resolves to an authenticated service stub".
  const stub = (await client.initialize()) as unknown as GapicStub;
  const commitObject = stub.commit;
  const { responseDeserialize } = stub.constructor.service.Commit;
  const serialize = (request: object): Buffer => (request as Record<symbol, Buffer>)[encoded] as Buffer;
  stub.commit = function commit(this: GapicStub, request, ...rest) {
    return Object.hasOwn(request, encoded)
      ? this.makeUnaryRequest(commitPath, serialize, responseDeserialize, request, ...rest)
      : commitObject.call(this, request, ...rest);
  };
  return async (session, request, timeoutMilliseconds) => {
    // The session is there for the routing header and the channel.
    const message = { session, [encoded]: request };
    const [answer] = await client.commit(message, {
      timeout: timeoutMilliseconds,
      retry: null,
      // As the client's own commits have them: https://cloud.google.com/spanner/docs/leader-aware-routing
      otherArgs: { headers: { "google-cloud-resource-prefix": database, "x-goog-spanner-route-to-leader": "true" } },
    });
    requireCommitted(answer);
  };
}
