import { createRequire } from "node:module";
import { protos } from "@google-cloud/spanner";
import { decodeRequest } from "./encoded";

// The client's own copy: a second one would not know its status objects.
const grpc = createRequire(require.resolve("@google-cloud/spanner"))("@grpc/grpc-js") as typeof import("@grpc/grpc-js");

/** How the next call of a method fails: a gRPC status, no answer at all, or (commits) OK without having committed. */
export type Fault = { readonly code: number; readonly details: string } | "hang" | "not committed";

export interface FakeSpanner {
  readonly address: string;
  /** Faults of the calls to come, first to last; a call without one succeeds. */
  readonly faults: { readonly createSession: Fault[]; readonly commit: Fault[] };
  /** Every commit that arrived, decoded with the official definitions, and what came with it. */
  readonly commits: { readonly request: Record<string, unknown>; readonly headers: Record<string, unknown> }[];
  /** Sessions asked for and deleted. */
  readonly sessions: { made: number; deleted: number };
  stop(): Promise<void>;
}

/** A Spanner server that only knows sessions and commits, for faults that the emulator can't be made to have. */
export async function startFakeSpanner(options: { readonly multiplexed?: boolean } = {}): Promise<FakeSpanner> {
  const { Session, CommitResponse, CreateSessionRequest, BatchCreateSessionsRequest, BatchCreateSessionsResponse } =
    protos.google.spanner.v1;
  const faults: FakeSpanner["faults"] = { createSession: [], commit: [] };
  const commits: FakeSpanner["commits"] = [];
  const sessions = { made: 0, deleted: 0 };

  const askAgain = CommitResponse.encode({ precommitToken: { precommitToken: Buffer.of(1), seqNum: 1 } }).finish();

  type Call = Parameters<import("@grpc/grpc-js").handleUnaryCall<Buffer, Uint8Array>>[0];
  type Answer = Parameters<import("@grpc/grpc-js").handleUnaryCall<Buffer, Uint8Array>>[1];
  const answer = (fault: Fault | undefined, reply: Answer, response: () => Uint8Array): void => {
    if (fault === undefined) reply(null, response());
    else if (fault === "not committed") reply(null, askAgain);
    else if (fault !== "hang") reply(fault);
  };

  const server = new grpc.Server();
  const bytes = (value: Uint8Array): Buffer => Buffer.from(value);
  const method = (name: string) => ({
    path: `/google.spanner.v1.Spanner/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  });
  server.addService(
    {
      CreateSession: method("CreateSession"),
      BatchCreateSessions: method("BatchCreateSessions"),
      DeleteSession: method("DeleteSession"),
      Commit: method("Commit"),
    },
    {
      CreateSession: (call: Call, reply: Answer) =>
        answer(faults.createSession.shift(), reply, () => {
          const { database, session } = CreateSessionRequest.decode(call.request);
          sessions.made++;
          const multiplexed = options.multiplexed === true && session?.multiplexed === true;
          return Session.encode({ name: `${database}/sessions/${sessions.made}`, multiplexed }).finish();
        }),
      BatchCreateSessions: (call: Call, reply: Answer) =>
        answer(faults.createSession.shift(), reply, () => {
          const { database, sessionCount } = BatchCreateSessionsRequest.decode(call.request);
          const session = Array.from({ length: sessionCount }, () => ({
            name: `${database}/sessions/${++sessions.made}`,
          }));
          return BatchCreateSessionsResponse.encode({ session }).finish();
        }),
      DeleteSession: (_: Call, reply: Answer) => {
        sessions.deleted++;
        reply(null, new Uint8Array());
      },
      Commit: (call: Call, reply: Answer) => {
        commits.push({ request: decodeRequest(call.request), headers: call.metadata.getMap() });
        answer(faults.commit.shift(), reply, () => CommitResponse.encode({ commitTimestamp: { seconds: 1 } }).finish());
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    faults,
    commits,
    sessions,
    async stop() {
      server.forceShutdown();
    },
  };
}
