import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

/**
 * The windows that Google's front ends announce, for each stream and for the whole connection: 1 MiB
 * (https://github.com/golang/go/issues/20689 and https://github.com/hyperium/hyper/issues/1697 show their frames). HTTP/2's
 * default of 64 KB would make a client wait three times in the midst of a commit, and that would be measured too.
 */
const WINDOW_BYTES = 1024 * 1024;

/** A byte that says whether the message is compressed, and its length (gRPC over HTTP2, "Length-Prefixed-Message"). */
const PREFIX_BYTES = 5;

const UNIMPLEMENTED = 12;

/** Answers the message of one request; undefined if the method is not known, or this message of it. */
export type Method = (message: Buffer) => Uint8Array | undefined;

/**
 * A gRPC server whose messages stay bytes: one request, one answer. It is no part of grpc-js, whose server can't announce
 * windows of another size.
 */
export async function startBytesServer(
  methods: Readonly<Record<string, Method>>,
): Promise<{ readonly address: string; stop(): void }> {
  const server = createServer({ settings: { initialWindowSize: WINDOW_BYTES } });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    session.setLocalWindowSize(WINDOW_BYTES);
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    const method = methods[String(headers[":path"])];
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    // A client that is killed resets its streams.
    stream.on("error", () => {});
    stream.on("end", () => respond(stream, method?.(Buffer.concat(parts).subarray(PREFIX_BYTES))));
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.close();
    for (const session of sessions) session.destroy();
  };
  return { address: `127.0.0.1:${port}`, stop };
}

function listen(server: Http2Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}

function respond(stream: ServerHttp2Stream, answer: Uint8Array | undefined): void {
  if (stream.destroyed) return;
  const headers = { ":status": 200, "content-type": "application/grpc" };
  if (answer === undefined) {
    stream.respond({ ...headers, "grpc-status": UNIMPLEMENTED }, { endStream: true });
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": 0 }));
  const message = Buffer.alloc(PREFIX_BYTES + answer.length);
  message.writeUInt32BE(answer.length, 1);
  message.set(answer, PREFIX_BYTES);
  stream.end(message);
}
