import type { protos as spannerTypes } from "@google-cloud/spanner";
import type { MigrationPlan } from "../../schema/migration-plan";
import { loadSpannerClient } from "../../spanner/client-module";
import { type Method, startBytesServer } from "./bytes-server";
import { type CatalogueAnswer, compileCatalogue } from "./catalogue";

// Without the client's signal handlers, which would keep SIGTERM from ending the server.
const { protos } = loadSpannerClient();

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

  const methods: Readonly<Record<string, Method>> = {
    CreateSession: (request) =>
      spanner.Session.encode(session(spanner.CreateSessionRequest.decode(request).database)).finish(),
    BatchCreateSessions(request) {
      const { database, sessionCount } = spanner.BatchCreateSessionsRequest.decode(request);
      const sessions = Array.from({ length: sessionCount }, () => session(database));
      return spanner.BatchCreateSessionsResponse.encode({ session: sessions }).finish();
    },
    GetSession: (request) => spanner.Session.encode({ name: spanner.GetSessionRequest.decode(request).name }).finish(),
    DeleteSession: () => Buffer.alloc(0),
    BeginTransaction: () => spanner.Transaction.encode(transaction()).finish(),
    Rollback: () => Buffer.alloc(0),
    ExecuteSql: () => resultSet.encode({ metadata: { rowType: { fields: [] } } }).finish(),
    Read: () => resultSet.encode({ metadata: { rowType: { fields: [] }, transaction: transaction() } }).finish(),
    Commit(request) {
      received.commits++;
      received.bytes += request.length;
      return spanner.CommitResponse.encode({ commitTimestamp: now }).finish();
    },
    ExecuteStreamingSql(request) {
      const answer = answerCatalogue(spanner.ExecuteSqlRequest.decode(request).sql);
      return answer && spanner.PartialResultSet.encode(partialResult(answer)).finish();
    },
  };
  const paths = Object.entries(methods).map(
    ([name, method]) => [`/google.spanner.v1.Spanner/${name}`, method] as const,
  );
  return { ...(await startBytesServer(Object.fromEntries(paths))), received };
}

function partialResult({ columns, rows }: CatalogueAnswer): spannerTypes.google.spanner.v1.IPartialResultSet {
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
