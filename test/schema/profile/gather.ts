import type { Item } from "../../../schema/attribute-value";
import type { Dialect } from "../../../schema/column-type";
import { ddlStatements } from "../../../schema/ddl";
import { compileItemConverter } from "../../../schema/item-converter";
import { parseMapping } from "../../../schema/mapping";
import { planMigration } from "../../../schema/plan-migration";
import { compileCandidateCheck } from "../../../schema/profile/candidate-types";
import { coarserProfile, ItemGatherer, type ItemProfile, type SourceKey } from "../../../schema/profile/item-profile";
import type { ShapeDetail } from "../../../schema/profile/key-shape";
import { type Proposal, proposeMapping } from "../../../schema/profile/propose-mapping";

export interface GatherOptions {
  readonly key: SourceKey;
  /** The items are profiled in so many parts, as several workers would do, which are then put together. */
  readonly parts?: number;
  readonly maxPaths?: number;
  readonly dialect?: Dialect;
  readonly detail?: ShapeDetail;
  readonly examples?: boolean;
}

/** The profile of items, which has gone the way that it goes from one worker to another. */
export function gather(items: readonly Item[], options: GatherOptions): ItemProfile {
  const { key, parts = 1, maxPaths, dialect = "googlesql", examples = false } = options;
  const values = { check: compileCandidateCheck(dialect), examples };
  const merged = new ItemGatherer(key, values, maxPaths);
  for (let part = 0; part < parts; part += 1) {
    const gatherer = new ItemGatherer(key, values, maxPaths);
    for (const [index, item] of items.entries()) if (index % parts === part) gatherer.add(item);
    merged.merge(JSON.parse(JSON.stringify(gatherer.profile)) as ItemProfile);
  }
  return merged.profile;
}

export function propose(items: readonly Item[], options: GatherOptions): Proposal {
  const { key, dialect = "googlesql", examples = false } = options;
  const values = { check: compileCandidateCheck(dialect), examples };
  const profile = coarserProfile(gather(items, options), options.detail ?? "all words", values);
  return proposeMapping(profile, { table: "Things", key, dialect, sampled: false, values });
}

/** Converts every item with a proposed mapping, which must be valid, with valid DDL. @returns rows a table, by name */
export function rowsOf(
  items: readonly Item[],
  { mapping }: Proposal,
  dialect: Dialect = "googlesql",
): Map<string, number> {
  const plan = planMigration(parseMapping(JSON.stringify(mapping), "proposed"));
  ddlStatements(plan, dialect);
  const convert = compileItemConverter(plan, { dialect });
  const rows = new Map<string, number>();
  for (const item of items) {
    const outcome = convert(item);
    const name = outcome.kind === "row" ? (plan.tables[outcome.table]?.name ?? "") : "";
    rows.set(name, (rows.get(name) ?? 0) + 1);
  }
  return rows;
}
