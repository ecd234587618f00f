import { foldIdentifier } from "./identifier";
import type { LiveSchema } from "./live-schema";
import { type TableShape, tableDifferences } from "./table-difference";
import type { TableColumn } from "./version-table";

/** One row for each load of a full export into this database: what it loads, and how its newest run stands. */
export const LOADS_TABLE = "DynamoDB_Loads";
/** Parts of data files that a load has finished. A part's row is written when all rows of the part are committed. */
export const LOAD_PARTS_TABLE = "DynamoDB_LoadParts";
/** One row for each run of a command that concerns the migration: what `status` and `report` know. */
export const RUNS_TABLE = "DynamoDB_Runs";

/** A table in which this program keeps its own state. */
export interface ProgressTable extends TableShape {
  /** Its rows go with the row of this table that they lie in. */
  readonly parent?: string;
}

const string = (name: string, length: number | "MAX"): TableColumn => ({
  name,
  type: { kind: "STRING", length },
  notNull: true,
  commitTimestamp: false,
});
const integer = (name: string): TableColumn => ({
  name,
  type: { kind: "INT64" },
  notNull: true,
  commitTimestamp: false,
});
const time = (name: string): TableColumn => ({
  name,
  type: { kind: "TIMESTAMP" },
  notNull: true,
  commitTimestamp: false,
});
const nullable = (column: TableColumn): TableColumn => ({ ...column, notNull: false });

/** The columns are explained at `LoadRow`, which has the same in the same order. */
export const loadsTable: ProgressTable = {
  name: LOADS_TABLE,
  columns: [
    string("LoadId", 64),
    string("SourceTable", "MAX"),
    string("Tables", "MAX"),
    string("Export", "MAX"),
    string("ExportHash", 64),
    string("Mode", 16),
    integer("Format"),
    nullable(integer("Items")),
    integer("Files"),
    string("DeadLetters", "MAX"),
    string("Status", 32),
    string("RunId", 64),
    integer("Runs"),
    time("StartedAt"),
    time("RunStartedAt"),
    nullable(time("EndedAt")),
  ],
  keyLength: 1,
  keyDescending: [false],
};

/** The columns are explained at `PartRow`, which has the same in the same order, behind the load's id. */
export const loadPartsTable: ProgressTable = {
  name: LOAD_PARTS_TABLE,
  parent: LOADS_TABLE,
  columns: [
    string("LoadId", 64),
    integer("Level"),
    string("File", "MAX"),
    integer("FirstLine"),
    integer("Lines"),
    integer("Written"),
    integer("Stale"),
    integer("Filtered"),
    integer("DeadLettered"),
    nullable(integer("Checksum")),
    nullable(string("Md5", 24)),
    { ...time("RecordedAt"), commitTimestamp: true },
  ],
  keyLength: 4,
  keyDescending: [false, false, false, false],
};

const commitTime = (name: string): TableColumn => ({ ...time(name), commitTimestamp: true });

/** The columns are explained at `RunRow`, which has the same in the same order. */
export const runsTable: ProgressTable = {
  name: RUNS_TABLE,
  columns: [
    string("RunId", 64),
    string("Command", 16),
    string("SourceTable", "MAX"),
    string("MappingHash", 64),
    string("Status", 32),
    nullable(commitTime("StartedAt")),
    commitTime("RecordedAt"),
    nullable(commitTime("EndedAt")),
    string("Details", "MAX"),
    nullable(string("Files", "MAX")),
  ],
  keyLength: 1,
  keyDescending: [false],
};

/** Parents before children. */
export const progressTables: readonly ProgressTable[] = [loadsTable, loadPartsTable, runsTable];

/** Those that a load can't do without. */
export const loadTables: readonly ProgressTable[] = [loadsTable, loadPartsTable];

/** What a database lacks of the tables for progress, and where those that it has differ; one sentence each. */
export function compareProgressTables(
  live: LiveSchema,
  tables: readonly ProgressTable[] = progressTables,
): {
  readonly missing: readonly ProgressTable[];
  readonly differences: readonly string[];
} {
  const missing: ProgressTable[] = [];
  const differences: string[] = [];
  for (const table of tables) {
    const found = live.tables.find(({ name }) => foldIdentifier(name) === foldIdentifier(table.name));
    if (found === undefined) missing.push(table);
    else {
      differences.push(...tableDifferences(table, found, live.dialect));
      if (found.parent !== table.parent) {
        differences.push(
          `${table.name} must be interleaved in ${table.parent ?? "no table"}; drop it, it is made anew`,
        );
      }
    }
  }
  return { missing, differences };
}
