import type { Item } from "../schema/attribute-value";
import type { RowKey } from "../schema/row-change";
import type { WireValue } from "../schema/wire-value";
import { KeySketch } from "./verify-key-sketch";

/** What is compared: an export stands still, a table does not. */
export type VerifySource = "export" | "table";

/** The row that an item asks for. */
export interface ExpectedRow {
  /** Index in `MigrationPlan.tables`; -1 if not even the place of the row is known. */
  readonly table: number;
  readonly key: RowKey;
  /** Values of all columns; null: the item can't become a row, for the reason in `refusal`. */
  readonly values: readonly WireValue[] | null;
  readonly refusal: string | null;
  /** Where the item was read: file and line, or the source table. */
  readonly place: string;
  /** The item's own key; null where it is not needed to read the item again. */
  readonly itemKey: Item | null;
}

/** A row that was not as expected at the first look. */
export type Suspect =
  | (ExpectedRow & { readonly kind: "item" })
  /** A row that no item explains. */
  | { readonly kind: "row"; readonly table: number; readonly key: RowKey };

/** Counts of one verification. Each item read ends as one of filtered, notSampled, equal, behind, or a suspect. */
export interface VerifyCounts {
  read: number;
  filtered: number;
  /** Items outside the sample. */
  notSampled: number;
  equal: number;
  behind: number;
  /** Rows in the tables, in the sample. */
  rows: number;
  /** Rows that were found for an item. */
  matched: number;
  /** Rows whose item has changed since the export was made; part of `rows`. */
  newerRows: number;
  /** The same, as far as an item of the export was found for them. */
  newerMatched: number;
  /** Suspects beyond {@link MAX_SUSPECTS}, which are not looked at again. */
  notLookedAtAgain: number;
}

/** Suspects are kept in memory until they are looked at again. */
export const MAX_SUSPECTS = 100_000;

/** State of one verification, shared by its steps and the command within one process; see {@link openVerifyLedger}. */
export interface VerifyLedger {
  readonly counts: VerifyCounts;
  readonly suspects: Suspect[];
  /** Rows in the database, without those that an item explains. */
  readonly unexplained: KeySketch;
  suspect(row: ExpectedRow): void;
}

const ledgers = new Map<string, VerifyLedger>();

/** The ledger of a run, made at its first use. */
export function openVerifyLedger(runId: string): VerifyLedger {
  let ledger = ledgers.get(runId);
  if (ledger === undefined) {
    ledger = createVerifyLedger();
    ledgers.set(runId, ledger);
  }
  return ledger;
}

/** Forgets a run. */
export function closeVerifyLedger(runId: string): void {
  ledgers.delete(runId);
}

function createVerifyLedger(): VerifyLedger {
  const suspects: Suspect[] = [];
  const counts = {
    read: 0,
    filtered: 0,
    notSampled: 0,
    equal: 0,
    behind: 0,
    rows: 0,
    matched: 0,
    newerRows: 0,
    newerMatched: 0,
    notLookedAtAgain: 0,
  };
  return {
    counts,
    suspects,
    unexplained: new KeySketch(),
    suspect(row) {
      if (suspects.length < MAX_SUSPECTS) suspects.push({ ...row, kind: "item" });
      else counts.notLookedAtAgain++;
    },
  };
}
