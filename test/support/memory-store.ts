import type { MigrationPlan } from "../../schema/migration-plan";
import type { RowKey } from "../../schema/row-change";
import { versionTableColumns } from "../../schema/version-table";
import type { WireValue } from "../../schema/wire-value";
import { COMMIT_TIMESTAMP } from "../../spanner/version-table";
import type { StoreMutation, StoreReader, VersionedStore } from "../../spanner/versioned-store";

/** gRPC codes, as Spanner uses them. */
export const NOT_FOUND = 5;
export const FAILED_PRECONDITION = 9;
export const ABORTED = 10;

export class StoreError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface MemoryTable {
  readonly key: readonly string[];
  readonly parent?: string;
  readonly cascade: boolean;
  /** Columns that are NOT NULL beside the key's: Spanner wants them in each write, even of a row that has them. */
  readonly required: readonly string[];
}

type Row = ReadonlyMap<string, WireValue>;
type Rows = Map<string, Row>;

export interface MemoryStoreOptions {
  /** Asked once a transaction; true: it ends with ABORTED after its reads, and nothing of it is written. */
  readonly abort?: () => boolean;
  /** Asked once a transaction; true: it commits, but its answer is lost. */
  readonly loseAnswer?: () => boolean;
  /** A row that the database refuses for good. */
  readonly refuses?: (mutation: StoreMutation) => boolean;
}

/**
 * Spanner as far as `VersionedStore` needs it: rows by key, interleaving with NO ACTION and CASCADE, mutations in order,
 * all or none.
 */
export class MemoryStore implements VersionedStore {
  readonly #tables = new Map<string, MemoryTable>();
  readonly #options: MemoryStoreOptions;
  #rows = new Map<string, Rows>();
  commits = 0;

  constructor(plan: MigrationPlan, options: MemoryStoreOptions = {}) {
    this.#options = options;
    for (const table of plan.tables) {
      const key = table.columns.slice(0, table.keyLength).map((column) => column.name);
      this.#tables.set(table.name, {
        key,
        ...(table.parent === undefined ? {} : { parent: table.parent }),
        cascade: table.onDelete === "CASCADE",
        required: [],
      });
      const required = versionTableColumns(table).filter((column) => column.notNull);
      this.#tables.set(table.versionTable, { key, cascade: false, required: required.map((column) => column.name) });
    }
  }

  async transact<Result>(
    work: (reader: StoreReader) => Promise<{ readonly mutations: readonly StoreMutation[]; readonly result: Result }>,
  ): Promise<Result> {
    const { mutations, result } = await work(this.#reader());
    if (this.#options.abort?.() === true) throw new StoreError(ABORTED, "aborted");
    const touched = new Set(mutations.map((mutation) => mutation.table));
    const rows = new Map(
      [...this.#tables.keys()].map((table) => {
        const before = this.#rows.get(table) ?? new Map<string, Row>();
        // Written in place below; a delete, which may reach other tables, replaces their rows.
        return [table, touched.has(table) ? new Map(before) : before];
      }),
    );
    for (const mutation of mutations) this.#apply(rows, mutation);
    this.#rows = rows;
    this.commits++;
    if (this.#options.loseAnswer?.() === true) throw new StoreError(ABORTED, "the answer was lost");
    return result;
  }

  /** All rows of a table as plain objects, in the order of their keys' text. */
  rowsOf(table: string): readonly Readonly<Record<string, WireValue>>[] {
    const rows = [...(this.#rows.get(table) ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
    return rows.map(([, row]) => Object.fromEntries(row));
  }

  #reader(): StoreReader {
    const rows = this.#rows;
    const pick = (row: Row, columns: readonly string[]) => columns.map((column) => row.get(column) ?? null);
    return {
      readRows: async (table, columns, keys) =>
        keys.flatMap((key) => {
          const row = rows.get(table)?.get(JSON.stringify(key));
          return row === undefined ? [] : [pick(row, columns)];
        }),
      readBeneath: async (table, columns, prefix, limit) =>
        [...(rows.get(table) ?? [])]
          .filter(([id]) => isBeneath(id, prefix))
          .slice(0, limit)
          .map(([, row]) => pick(row, columns)),
    };
  }

  #apply(rows: Map<string, Rows>, mutation: StoreMutation): void {
    const table = this.#tables.get(mutation.table);
    if (table === undefined) throw new StoreError(NOT_FOUND, `no table ${mutation.table}`);
    if (this.#options.refuses?.(mutation) === true) throw new StoreError(FAILED_PRECONDITION, "refused");
    if (mutation.kind === "delete") this.#delete(rows, mutation.table, mutation.key);
    else this.#write(rows, table, mutation);
  }

  #write(rows: Map<string, Rows>, table: MemoryTable, mutation: StoreMutation & { kind: "write" }): void {
    const values = new Map(mutation.columns.map((column, index) => [column, mutation.values[index] ?? null]));
    const key = table.key.map((column) => values.get(column) ?? null);
    if (table.parent !== undefined) {
      const parentKey = key.slice(0, this.#tables.get(table.parent)?.key.length);
      if (rows.get(table.parent)?.has(JSON.stringify(parentKey)) !== true) {
        throw new StoreError(NOT_FOUND, `no parent row in ${table.parent}`);
      }
    }
    for (const column of table.required) {
      if (values.get(column) == null) throw new StoreError(FAILED_PRECONDITION, `${column} must not be NULL`);
    }
    const id = JSON.stringify(key);
    const tableRows = rows.get(mutation.table) ?? new Map<string, Row>();
    const written = new Map(tableRows.get(id) ?? []);
    for (const [column, value] of values) written.set(column, value === COMMIT_TIMESTAMP ? "now" : value);
    tableRows.set(id, written);
  }

  #delete(rows: Map<string, Rows>, name: string, key: RowKey): void {
    for (const [child, table] of this.#tables) {
      if (table.parent !== name) continue;
      for (const id of rows.get(child)?.keys() ?? []) {
        if (!isBeneath(id, key)) continue;
        if (!table.cascade) throw new StoreError(FAILED_PRECONDITION, `rows of ${child} remain`);
        this.#delete(rows, child, JSON.parse(id));
      }
    }
    const remaining = new Map(rows.get(name) ?? []);
    remaining.delete(JSON.stringify(key));
    rows.set(name, remaining);
  }
}

function isBeneath(id: string, prefix: RowKey): boolean {
  const key: WireValue[] = JSON.parse(id);
  return prefix.every((value, index) => key[index] === value);
}
