import type { v1 } from "@google-cloud/spanner";

/** A method of google.spanner.v1.Spanner whose requests this program encodes itself. */
interface EncodedMethod {
  /** As the generated client and its stub name it. */
  readonly method: "commit" | "read";
  readonly path: `/google.spanner.v1.Spanner/${string}`;
  /** As the service's definition names it. */
  readonly definition: "Commit" | "Read";
}

export const commitMethod: EncodedMethod = {
  method: "commit",
  path: "/google.spanner.v1.Spanner/Commit",
  definition: "Commit",
};
export const readMethod: EncodedMethod = {
  method: "read",
  path: "/google.spanner.v1.Spanner/Read",
  definition: "Read",
};

/** Holds the message of a request object that is encoded already. */
const encoded = Symbol("encoded request");

type UnaryCall = (request: object, ...rest: unknown[]) => unknown;

type GapicStub = { [Method in EncodedMethod["method"]]: UnaryCall } & {
  makeUnaryRequest(
    path: string,
    serialize: (request: object) => Buffer,
    deserialize: (response: Buffer) => object,
    request: object,
    ...rest: unknown[]
  ): unknown;
  readonly constructor: {
    readonly service: Readonly<Record<string, { responseDeserialize(response: Buffer): object }>>;
  };
};

/**
 * Lets a method of the official client take messages that are encoded already: its authentication, endpoint, TLS,
 * channels, routing headers and user agent stay in use; only its encoding is left out. Requests that are objects go the
 * client's own way.
 *
 * @returns makes the request object for such a message; `session` is the one that the message names, there for the routing
 *   header and the channel
 */
export async function takeEncodedRequests(
  client: v1.SpannerClient,
  { method, path, definition }: EncodedMethod,
): Promise<(session: string, message: Buffer) => { readonly session: string }> {
  // Documented as "a promise that resolves to an authenticated service stub".
  const stub = (await client.initialize()) as unknown as GapicStub;
  const callWithObject = stub[method];
  const deserialize = stub.constructor.service[definition]?.responseDeserialize;
  if (deserialize === undefined) throw new TypeError(`the Spanner client's stub has no method ${definition}`);
  const serialize = (request: object): Buffer => (request as Record<symbol, Buffer>)[encoded] as Buffer;
  stub[method] = function call(this: GapicStub, request, ...rest) {
    return Object.hasOwn(request, encoded)
      ? this.makeUnaryRequest(path, serialize, deserialize, request, ...rest)
      : callWithObject.call(this, request, ...rest);
  };
  return (session, message) => ({ session, [encoded]: message });
}
