import { createRequire } from "node:module";
import { protos } from "@google-cloud/spanner";
import type { MigrationPlan } from "../../schema/migration-plan";
import { type CatalogueAnswer, compileCatalogue } from "./catalogue";

// The client's own copy: a second one would not know its status objects.
const grpc = createRequire(require.resolve("@google-cloud/spanner"))("@grpc/grpc-js") as typeof import("@grpc/grpc-js");

const MAX_MESSAGE_BYTES = 200 * 1024 * 1024;
const UNIMPLEMENTED = 12;

type Unary = import("@grpc/grpc-js").handleUnaryCall<Buffer, Uint8Array>;
type Streaming = import("@grpc/grpc-js").handleServerStreamingCall<Buffer, Uint8Array>;

export interface NullSpanner {
  /** `host:port` */
  readonly address: string;
  /** What was committed; the requests are not looked into. */
  readonly received: { commits: number; bytes: number };
  stop(): void;
}

/**
 * A Spanner server that accepts every commit without decoding it, finds no row in any read, and shows the tables of a plan
 * in its catalogue: what is left to measure is the client.
 */
export async function startNullSpanner(plan: MigrationPlan): Promise<NullSpanner> {
  const spanner = protos.google.spanner.v1;
  const received = { commits: 0, bytes: 0 };
  const answerCatalogue = compileCatalogue(plan);
  const now = { seconds: 1, nanos: 0 };
  let made = 0;
  const session = (database: string) => ({ name: `${database}/sessions/${++made}`, createTime: now });
  const transaction = () => ({ id: Buffer.from(`transaction ${++made}`), readTimestamp: now });
  const resultSet = spanner.ResultSet;

  const unary: Readonly<Record<string, Unary>> = {
    CreateSession: ({ request }, reply) =>
      reply(null, spanner.Session.encode(session(spanner.CreateSessionRequest.decode(request).database)).finish()),
    BatchCreateSessions({ request }, reply) {
      const { database, sessionCount } = spanner.BatchCreateSessionsRequest.decode(request);
      const sessions = Array.from({ length: sessionCount }, () => session(database));
      reply(null, spanner.BatchCreateSessionsResponse.encode({ session: sessions }).finish());
    },
    GetSession: ({ request }, reply) =>
      reply(null, spanner.Session.encode({ name: spanner.GetSessionRequest.decode(request).name }).finish()),
    DeleteSession: (_call, reply) => reply(null, Buffer.alloc(0)),
    BeginTransaction: (_call, reply) => reply(null, spanner.Transaction.encode(transaction()).finish()),
    Rollback: (_call, reply) => reply(null, Buffer.alloc(0)),
    ExecuteSql: (_call, reply) => reply(null, resultSet.encode({ metadata: { rowType: { fields: [] } } }).finish()),
    Read: (_call, reply) =>
      reply(null, resultSet.encode({ metadata: { rowType: { fields: [] }, transaction: transaction() } }).finish()),
    Commit({ request }, reply) {
      received.commits++;
      received.bytes += request.length;
      reply(null, spanner.CommitResponse.encode({ commitTimestamp: now }).finish());
    },
  };
  const streaming: Readonly<Record<string, Streaming>> = {
    ExecuteStreamingSql(call) {
      const { sql } = spanner.ExecuteSqlRequest.decode(call.request);
      const answer = answerCatalogue(sql);
      if (answer === undefined) {
        call.destroy(Object.assign(new Error(`no answer to ${sql}`), { code: UNIMPLEMENTED }));
        return;
      }
      call.write(spanner.PartialResultSet.encode(partialResult(answer)).finish());
      call.end();
    },
  };

  const server = new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
  server.addService(serviceOf(Object.keys(unary), Object.keys(streaming)), { ...unary, ...streaming });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, received, stop: () => server.forceShutdown() };
}

/** Every message stays bytes. */
function serviceOf(unary: readonly string[], streaming: readonly string[]) {
  const bytes = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const method = (name: string, responseStream: boolean) => ({
    path: `/google.spanner.v1.Spanner/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  });
  return Object.fromEntries([
    ...unary.map((name) => [name, method(name, false)] as const),
    ...streaming.map((name) => [name, method(name, true)] as const),
  ]);
}

function partialResult({ columns, rows }: CatalogueAnswer): protos.google.spanner.v1.IPartialResultSet {
  return {
    metadata: {
      rowType: { fields: columns.map((name) => ({ name, type: { code: protos.google.spanner.v1.TypeCode.STRING } })) },
    },
    values: rows.flatMap((row) =>
      columns.map((column) => {
        const value = row[column];
        return value === undefined
          ? { nullValue: protos.google.protobuf.NullValue.NULL_VALUE }
          : { stringValue: value };
      }),
    ),
    last: true,
  };
}
