import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { PassThrough } from "node:stream";

const { HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS, NGHTTP2_CANCEL } = http2.constants;

/** Where a call is stopped. */
export type HoldPoint =
  /** Before any of it reaches the server. */
  | "request"
  /** After the server has done it, before any of its answer reaches the client. */
  | "answer";

/** Calls of a method that a proxy keeps back. */
export interface Hold {
  /** Resolves when so many calls are being kept back; 1 by default. */
  reached(calls?: number): Promise<void>;
  /** Lets the calls that are kept back go on, and all further ones. */
  release(): void;
  /** Forgets the calls that are kept back; further ones pass. */
  drop(): void;
}

/** Stands between a gRPC client and its server, both without TLS, for tests that hinder single calls or the whole way. */
export interface GrpcProxy {
  /** `host:port` for the client. */
  readonly address: string;
  /**
   * Keeps back the calls of a method (`Commit`), as if the network had swallowed them.
   * @param passing so many calls pass before the first that is kept back
   */
  hold(method: string, point: HoldPoint, passing?: number): Hold;
  /** Calls each request message of a method, after its whole arrival: the content of one unary request. */
  watch(method: string, onRequest: (message: Buffer) => void): void;
  /** Cuts all connections and refuses new ones, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

interface Holding {
  passing: number;
  held: number;
  over: boolean;
  /** Resolves with true when the call may go on, with false when it is to be forgotten; undefined: it is not held. */
  stopAt(method: string, point: HoldPoint): Promise<boolean> | undefined;
}

/** The bytes before a message: one for compression, four for its length. */
const MESSAGE_PREFIX_BYTES = 5;

/** @param server `host:port` */
export async function startGrpcProxy(server: string): Promise<GrpcProxy> {
  const holds: Holding[] = [];
  const watchers = new Map<string, (message: Buffer) => void>();
  const sockets = new Set<Socket>();
  let listener = createListener();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;

  function createListener(): http2.Http2Server {
    const created = http2.createServer();
    created.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    created.on("session", (session) => {
      const upstream = http2.connect(`http://${server}`);
      upstream.on("error", () => session.destroy());
      session.on("error", () => {});
      session.once("close", () => upstream.destroy());
      upstream.once("close", () => session.destroy());
      session.on("stream", (call, headers) => void forward(upstream, call, headers));
    });
    return created;
  }

  async function forward(
    upstream: http2.ClientHttp2Session,
    call: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
  ): Promise<void> {
    const method = String(headers[HTTP2_HEADER_PATH]).split("/").at(-1) ?? "";
    call.on("error", () => {});
    const body = call.pipe(new PassThrough());
    watchRequest(call, watchers.get(method));
    if (!(await mayPass(call, method, "request")) || upstream.destroyed) return;
    const answer = upstream.request(headers);
    answer.on("error", () => call.destroy());
    call.once("close", () => {
      if (!answer.closed) answer.close(NGHTTP2_CANCEL);
    });
    body.pipe(answer);
    let trailers: http2.OutgoingHttpHeaders = {};
    answer.on("trailers", (received) => {
      trailers = received;
    });
    const [received, flags] = (await once(answer, "response").catch(() => [])) as [http2.IncomingHttpHeaders?, number?];
    if (!(await mayPass(call, method, "answer")) || received === undefined) return;
    const endStream = ((flags ?? 0) & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    call.respond({ ...received, [HTTP2_HEADER_STATUS]: 200 }, { waitForTrailers: !endStream, endStream });
    call.once("wantTrailers", () => call.sendTrailers(trailers));
    answer.once("close", () => {
      if (!call.writableEnded) call.destroy();
    });
    answer.pipe(call);
  }

  async function mayPass(call: http2.ServerHttp2Stream, method: string, point: HoldPoint): Promise<boolean> {
    const held = holds.map((holding) => holding.stopAt(method, point)).find((stop) => stop !== undefined);
    if ((await held) === false) call.destroy();
    return !call.destroyed;
  }

  const down = async (): Promise<void> => {
    const closed = once(listener, "close");
    listener.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  return {
    address: `127.0.0.1:${port}`,
    hold(method, point, passing = 0) {
      const { holding, hold } = createHold(method, point, passing);
      holds.push(holding);
      return hold;
    },
    watch(method, onRequest) {
      watchers.set(method, onRequest);
    },
    down,
    async up() {
      listener = createListener();
      listener.listen(port, "127.0.0.1");
      await once(listener, "listening");
    },
    async stop() {
      if (listener.listening) await down();
    },
  };
}

function createHold(method: string, point: HoldPoint, passing: number): { holding: Holding; hold: Hold } {
  const { promise: decided, resolve: decide } = withResolvers<boolean>();
  const waits: { readonly calls: number; readonly resolve: () => void }[] = [];
  const holding: Holding = {
    passing,
    held: 0,
    over: false,
    stopAt(calledMethod, calledPoint) {
      if (holding.over || calledMethod !== method || calledPoint !== point) return undefined;
      if (holding.passing > 0) {
        holding.passing--;
        return undefined;
      }
      holding.held++;
      for (const wait of waits) if (holding.held >= wait.calls) wait.resolve();
      return decided;
    },
  };
  const end = (pass: boolean) => {
    holding.over = true;
    decide(pass);
  };
  const hold: Hold = {
    reached(calls = 1) {
      const { promise, resolve } = withResolvers<void>();
      if (holding.held >= calls) resolve();
      waits.push({ calls, resolve });
      return promise;
    },
    release: () => end(true),
    drop: () => end(false),
  };
  return { holding, hold };
}

function watchRequest(call: http2.ServerHttp2Stream, onRequest: ((message: Buffer) => void) | undefined): void {
  if (onRequest === undefined) return;
  const chunks: Buffer[] = [];
  call.on("data", (chunk: Buffer) => chunks.push(chunk));
  call.once("end", () => onRequest(Buffer.concat(chunks).subarray(MESSAGE_PREFIX_BYTES)));
}

function withResolvers<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve = (_value: Value): void => {};
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
