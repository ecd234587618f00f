import { MigrationError } from "../errors/migration-error";
import {
  type FinishedPart,
  type LoadRow,
  loadValues,
  type PartRow,
  parseLoadRow,
  parsePartRow,
  partValues,
} from "../schema/load-progress";
import { LOAD_PARTS_TABLE, LOADS_TABLE, loadPartsTable, loadsTable } from "../schema/progress-table";
import type { WireValue } from "../schema/wire-value";
import { CommitRefused } from "./commit-refused";
import { createCommitSender, type SenderOptions } from "./commit-sender";
import type { SpannerConnection } from "./connection";
import { encodeMutations } from "./encode-mutations";
import { KEYS_PER_READ } from "./read-in-parts";
import { withSession } from "./sessions";
import { spannerStore } from "./spanner-store";
import { type RetryOptions, retryTransient } from "./transient-retry";
import { COMMIT_TIMESTAMP } from "./version-table";
import type { StoreMutation } from "./versioned-store";
import { fromProtobufList, toProtobufList } from "./wire-protobuf";

type StoreOptions = Partial<RetryOptions>;

const partKey = loadPartsTable.columns.slice(0, loadPartsTable.keyLength).map(({ name }) => name);

/** Far below the limit of a commit. */
const PARTS_PER_COMMIT = 1000;

/** A load that is recorded. */
export interface KnownLoad {
  readonly load: LoadRow;
  /** False if nothing of it is finished. */
  readonly hasParts: boolean;
}

/** What to do about the loads that there are. */
export interface LoadDecision {
  /** Ids of loads that go, with their parts. */
  readonly forget: readonly string[];
  /** The load of this run, to be written. */
  readonly load: LoadRow;
  /** What was recorded of it, if it is not a new one. */
  readonly before?: LoadRow;
}

/**
 * Reads all loads and writes what `decide` makes of them, in one transaction: of two runs that begin at the same time, the
 * second one sees the first.
 *
 * @throws what `decide` throws; MigrationError E_SPANNER_…, E_PROGRESS_UNREADABLE
 */
export async function decideLoad(
  connection: SpannerConnection,
  decide: (known: readonly KnownLoad[]) => LoadDecision,
  options: StoreOptions = {},
): Promise<LoadDecision> {
  const columns = loadsTable.columns.map(({ name }) => name);
  const attempt = () =>
    spannerStore(connection).transact(async (reader) => {
      const known: KnownLoad[] = [];
      for (const load of (await reader.readBeneath(LOADS_TABLE, columns, [], KEYS_PER_READ)).map(parseLoadRow)) {
        const [part] = await reader.readBeneath(LOAD_PARTS_TABLE, partKey, [load.loadId], 1);
        known.push({ load, hasParts: part !== undefined });
      }
      const decision = decide(known);
      const mutations: StoreMutation[] = [
        ...decision.forget.map((loadId): StoreMutation => ({ kind: "delete", table: LOADS_TABLE, key: [loadId] })),
        { kind: "write", table: LOADS_TABLE, columns, values: loadValues(decision.load) },
      ];
      return { mutations, result: decision };
    });
  return retryTransient(attempt, { subject: connection.databaseName, ...options });
}

/**
 * Records parts of a load, over what is recorded of the same lines.
 * @throws MigrationError E_LOAD_REPLACED if the load was forgotten meanwhile, E_SPANNER_…
 */
export async function recordParts(
  connection: SpannerConnection,
  loadId: string,
  parts: readonly FinishedPart[],
  options: Pick<SenderOptions, "retryMilliseconds" | "signal" | "onRetry"> = {},
): Promise<void> {
  const columns = loadPartsTable.columns.map(({ name }) => name);
  const sender = createCommitSender(connection, options);
  for (let start = 0; start < parts.length; start += PARTS_PER_COMMIT) {
    const mutations = parts.slice(start, start + PARTS_PER_COMMIT).map((part): StoreMutation => {
      return { kind: "write", table: LOAD_PARTS_TABLE, columns, values: partValues(loadId, part, COMMIT_TIMESTAMP) };
    });
    try {
      await sender.commit(encodeMutations(mutations));
    } catch (error) {
      if (!(error instanceof CommitRefused)) throw error;
      if (error.code !== "E_SPANNER_PARENT_MISSING")
        throw new MigrationError("E_INTERNAL", error.message, { cause: error });
      throw new MigrationError("E_LOAD_REPLACED", `the record of load ${loadId} is gone`, { cause: error });
    }
  }
}

/**
 * Sets how a load's newest run has ended. A load that was forgotten meanwhile stays so.
 * @throws MigrationError E_SPANNER_…
 */
export async function endLoad(connection: SpannerConnection, load: LoadRow, options: StoreOptions = {}): Promise<void> {
  const columns = loadsTable.columns.map(({ name }) => name);
  const attempt = () =>
    spannerStore(connection).transact(async (reader) => {
      const found = (await reader.readRows(LOADS_TABLE, columns, [[load.loadId]])).map(parseLoadRow);
      const newest = found.some(({ runId }) => runId === load.runId);
      const mutation: StoreMutation = { kind: "write", table: LOADS_TABLE, columns, values: loadValues(load) };
      return { mutations: newest ? [mutation] : [], result: undefined };
    });
  await retryTransient(attempt, { subject: connection.databaseName, ...options });
}

/**
 * All parts that are recorded of a load, in no order.
 * @throws MigrationError E_SPANNER_…, E_PROGRESS_UNREADABLE
 */
export async function readParts(
  connection: SpannerConnection,
  loadId: string,
  options: StoreOptions = {},
): Promise<readonly PartRow[]> {
  const parts: PartRow[] = [];
  let last: readonly WireValue[] | undefined;
  for (;;) {
    const start =
      last === undefined
        ? { startClosed: toProtobufList([loadId]) }
        : { startOpen: toProtobufList(last.slice(0, loadPartsTable.keyLength)) };
    const range = { ...start, endClosed: toProtobufList([loadId]) };
    const page = await readRange(connection, LOAD_PARTS_TABLE, loadPartsTable.columns, range, PARTS_PER_READ, options);
    for (const values of page) parts.push(parsePartRow(values));
    if (page.length < PARTS_PER_READ) return parts;
    last = page.at(-1);
  }
}

/** Some 200 bytes each. */
const PARTS_PER_READ = 5000;

/**
 * True if the table has no row.
 * @throws MigrationError E_SPANNER_…
 */
export async function isTableEmpty(
  connection: SpannerConnection,
  table: string,
  keyColumn: string,
  options: StoreOptions = {},
): Promise<boolean> {
  const range = { startClosed: {}, endClosed: {} };
  return (await readRange(connection, table, [{ name: keyColumn }], range, 1, options)).length === 0;
}

async function readRange(
  { client, sessions, databaseName, requestMilliseconds }: SpannerConnection,
  table: string,
  columns: readonly { readonly name: string }[],
  range: object,
  limit: number,
  options: StoreOptions,
): Promise<readonly (readonly WireValue[])[]> {
  const request = { table, columns: columns.map(({ name }) => name), keySet: { ranges: [range] }, limit };
  const attempt = () =>
    withSession(sessions, async (session) => {
      const [result] = await client.read({ ...request, session }, { timeout: requestMilliseconds, retry: null });
      return (result.rows ?? []).map(fromProtobufList);
    });
  return retryTransient(attempt, { subject: databaseName, ...options });
}
