import { expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import { CommitRefused, finalError } from "../../spanner/commit-refused";
import { classifySpannerError, grpcStatus, requestedDelay } from "../../spanner/error-class";

type Code = keyof typeof grpcStatus;
type Case = readonly [code: Code, message: string, expected: string];

const failure = (code: number | undefined, details: string): Error =>
  Object.assign(new Error(`${code} STATUS: ${details}`), code === undefined ? {} : { code, details });

/** `retry reason/otherwise`, `row CODE` or `stop CODE`. */
function described(error: unknown): string {
  const found = classifySpannerError(error);
  return found.kind === "retry"
    ? `retry ${found.reason}/${found.otherwise}`
    : `${found.kind} ${found.code.replace("E_SPANNER_", "")}`;
}

const database = "projects/p/instances/i/databases/d";

/** Messages marked (e) were seen at the emulator, the others stand in the official clients and Google's templates. */
const cases: readonly Case[] = [
  ["ABORTED", "Transaction was aborted.", "retry aborted/stop"],
  ["ABORTED", "Transaction 30 aborted due to active transaction 29.", "retry aborted/stop"], // (e)
  ["ABORTED", "Database schema probably changed during transaction, retry may succeed.", "retry aborted/stop"],
  ["UNAVAILABLE", "read ECONNRESET", "retry unavailable/stop"], // (e)
  ["UNAVAILABLE", "No connection established. Last error: connect ECONNREFUSED", "retry unavailable/stop"],
  ["UNAVAILABLE", "Getting metadata from plugin failed with error: getaddrinfo EAI_AGAIN", "retry unavailable/stop"],
  ["UNAVAILABLE", "Getting metadata from plugin failed with error: invalid_grant", "stop CREDENTIALS"],
  ["DEADLINE_EXCEEDED", "Deadline exceeded after 60.001s", "retry unavailable/stop"],
  ["CANCELLED", "Call cancelled", "retry unavailable/stop"],
  ["UNKNOWN", "Stream removed", "retry unavailable/stop"],
  ["UNKNOWN", "Duplicate column: col2", "stop TABLE_REFUSED"],
  ["RESOURCE_EXHAUSTED", "Too many requests", "retry overloaded/stop"],
  ["RESOURCE_EXHAUSTED", "Received message larger than max (104857601 vs. 104857600)", "row ROW_REFUSED"],
  ["INTERNAL", "", "row ROW_REFUSED"], // (e) a lone surrogate
  ["INTERNAL", "HTTP/2 error code: INTERNAL_ERROR\nReceived Rst Stream", "retry internal/stop"],
  ["INTERNAL", "Received RST_STREAM with code 2 (Internal server error)", "retry internal/stop"],
  ["INTERNAL", "stream terminated by RST_STREAM.", "retry internal/stop"],
  ["INTERNAL", "Received unexpected EOS on DATA frame from server.", "retry internal/stop"],
  ["INTERNAL", "Connection closed with unknown cause", "retry internal/stop"],
  ["INTERNAL", "Authentication backend internal server error. Please retry.", "retry internal/stop"],
  ["INTERNAL", "An internal error occurred.", "retry internal/row"],
  ["NOT_FOUND", `Session not found: ${database}/sessions/999`, "retry session/stop"], // (e)
  ["NOT_FOUND", "Transaction not found: 99", "retry aborted/stop"], // (e)
  ["NOT_FOUND", "Instance not found: projects/p/instances/i", "stop INSTANCE_NOT_FOUND"], // (e)
  ["NOT_FOUND", `Database not found: ${database}`, "stop DATABASE_NOT_FOUND"], // (e)
  ["NOT_FOUND", "Table not found: Nope", "stop TABLE_NOT_FOUND"], // (e)
  ["NOT_FOUND", 'Table not found: A\nresource_type: "spanner.googleapis.com/Table"', "stop TABLE_NOT_FOUND"],
  ["NOT_FOUND", "Column not found in table T: Zzz", "stop COLUMN_NOT_FOUND"], // (e)
  ["NOT_FOUND", "Parent row for row [100,4] in table Books is missing. Row cannot be written.", "row PARENT_MISSING"],
  [
    "NOT_FOUND",
    'Insert failed because key was not found in parent table:  Parent Table: T  Child Table: C  Key: {String("x")}', // (e)
    "row PARENT_MISSING",
  ],
  ["NOT_FOUND", "Row [1] in table T not found", "row ROW_REFUSED"],
  ["ALREADY_EXISTS", 'UNIQUE violation on index TV,  duplicate key: {String("x")}', "row UNIQUE_INDEX"], // (e)
  ["ALREADY_EXISTS", "Unique index violation on index idx at index key [x,2].", "row UNIQUE_INDEX"],
  ["INVALID_ARGUMENT", "Number of bytes for key of table BK is 9000 which exceeds 8192.", "row ROW_REFUSED"], // (e)
  ["INVALID_ARGUMENT", "Invalid date value: 0000-01-01.", "row ROW_REFUSED"], // (e)
  ["INVALID_ARGUMENT", "The transaction contains too many mutations. (Maximum number: 80000)", "row ROW_REFUSED"],
  ["INVALID_ARGUMENT", "Multiple values for column N.", "stop TABLE_REFUSED"], // (e)
  ["INVALID_ARGUMENT", "Mutation column and value size mismatch: Found: 2 columns", "stop TABLE_REFUSED"], // (e)
  ["FAILED_PRECONDITION", "New value exceeds the maximum size limit for this column: T.V", "row ROW_REFUSED"], // (e)
  ["FAILED_PRECONDITION", "Cannot specify a null value for column: T.N in table: T", "row ROW_REFUSED"], // (e)
  ["FAILED_PRECONDITION", "title must not be NULL in table Books", "row ROW_REFUSED"],
  ["FAILED_PRECONDITION", "Could not parse x as an integer", "row ROW_REFUSED"], // (e)
  ["FAILED_PRECONDITION", "Could not parse Session not found: as a DATE", "row ROW_REFUSED"],
  ["FAILED_PRECONDITION", "Cannot write into generated column `T.G`.", "stop TABLE_REFUSED"], // (e)
  ["FAILED_PRECONDITION", "Wrong number of key parts for T. Expected: 2.", "stop TABLE_REFUSED"],
  ["FAILED_PRECONDITION", "Foreign key `f` constraint violation on table `FK`.", "row REFERENCE_MISSING"], // (e)
  ["FAILED_PRECONDITION", "Foreign key constraint `f` is violated on table `C1`.", "row REFERENCE_MISSING"],
  [
    "FAILED_PRECONDITION",
    "This transaction has been invalidated by a later transaction in the same session.",
    "retry aborted/stop",
  ],
  ["FAILED_PRECONDITION", "Cannot commit a transaction after it has been rolled back.", "retry aborted/stop"], // (e)
  ["OUT_OF_RANGE", "Check constraint `T`.`pos` is violated for key", "row ROW_REFUSED"], // (e)
  ["PERMISSION_DENIED", "Caller is missing IAM permission spanner.databases.write", "stop PERMISSION"],
  ["UNAUTHENTICATED", "Request had invalid authentication credentials.", "stop CREDENTIALS"],
  ["UNIMPLEMENTED", "Method not found!", "stop UNSUPPORTED"],
  ["DATA_LOSS", "Unrecoverable data loss", "stop FAILED"],
];

describe("classifySpannerError", () => {
  for (const [code, message, expected] of cases) {
    it(`${code} "${message.slice(0, 60)}": ${expected}`, () => {
      expect(described(failure(grpcStatus[code], message))).to.equal(expected);
    });
  }

  it("has a case for every code of gRPC", () => {
    const covered = new Set(cases.map(([code]) => code));
    expect(Object.keys(grpcStatus).filter((code) => !covered.has(code as Code))).to.deep.equal([]);
  });

  it("answers for what the client throws before it sends", () => {
    expect(described(new Error("Could not load the default credentials. Browse to …"))).to.equal("stop CREDENTIALS");
    expect(described(new Error("Unable to detect a Project Id in the current environment."))).to.equal(
      "stop PROJECT_UNKNOWN",
    );
    for (const odd of [new Error("?"), "text", null, undefined, { code: "EPIPE" }, { code: 99, details: "?" }]) {
      expect(described(odd)).to.equal("stop FAILED");
    }
  });

  it("lets a value in a message decide nothing", () => {
    const words = fc.constantFrom(...cases.map(([, message]) => message));
    const codes = fc.constantFrom("FAILED_PRECONDITION" as const, "INVALID_ARGUMENT" as const, "OUT_OF_RANGE" as const);
    fc.assert(
      fc.property(codes, words, (code, value) => {
        expect(described(failure(grpcStatus[code], `Could not parse ${value}`))).to.equal("row ROW_REFUSED");
      }),
    );
  });
});

describe("requestedDelay", () => {
  const withInfo = (hex: string): unknown => ({
    metadata: { get: (key: string) => (key === "google.rpc.retryinfo-bin" ? [Buffer.from(hex, "hex")] : []) },
  });

  it("reads seconds and nanoseconds of RetryInfo", () => {
    expect(requestedDelay(withInfo("0a020805"))).to.equal(5000);
    expect(requestedDelay(withInfo("0a06108088debe01"))).to.equal(400);
    expect(requestedDelay(withInfo("0a0708011080ade204"))).to.equal(1010);
    expect(requestedDelay(withInfo("0a00"))).to.equal(0);
  });

  it("has no answer where there is none", () => {
    for (const error of [withInfo(""), { metadata: { get: () => [] } }, {}, null, new Error("?")]) {
      expect(requestedDelay(error)).to.equal(undefined);
    }
  });
});

describe("finalError", () => {
  it("names the subject, the code and Spanner's words", () => {
    const stop = finalError(failure(grpcStatus.PERMISSION_DENIED, "Caller is missing spanner.databases.write"), "db d");
    expect(stop).to.be.instanceOf(MigrationError);
    expect(stop).to.include({
      code: "E_SPANNER_PERMISSION",
      message: "db d: Caller is missing spanner.databases.write",
    });
    expect(finalError(failure(grpcStatus.UNAVAILABLE, "gone"), "db d")).to.include({ code: "E_SPANNER_UNREACHABLE" });
    expect(finalError(failure(grpcStatus.ABORTED, "again"), "db d")).to.include({
      code: "E_SPANNER_RETRIES_EXHAUSTED",
    });
  });

  it("says which code a refused row has, and never says nothing", () => {
    expect(finalError(failure(grpcStatus.INTERNAL, ""), "db d")).to.be.instanceOf(CommitRefused);
    expect(finalError(failure(grpcStatus.INTERNAL, ""), "db d").message).to.match(/no reason/);
    expect(finalError(failure(grpcStatus.INTERNAL, "odd"), "db d")).to.include({ code: "E_SPANNER_ROW_REFUSED" });
  });
});
