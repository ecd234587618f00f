import { formatPath } from "./attribute-path";
import type { AttributeValue, Item } from "./attribute-value";
import type { PathSegment, TablePlan } from "./migration-plan";
import { isReplicationAttribute } from "./replication-attributes";

/**
 * Which parts of an item the columns of a table take: names and list indexes, each with what is taken below it;
 * "whole" where a column ends.
 */
type Taken = ReadonlyMap<PathSegment, Taken | "whole">;
type TakenBuilder = Map<PathSegment, TakenBuilder | "whole">;

/** What a table's columns leave of items. */
export interface UnmappedAttributes {
  /** Path of the first attribute, entry of a Map or element of a List that no column takes; undefined if there is none. */
  readonly firstPath: (item: Item) => string | undefined;
  /** Names of the top-level attributes that no column takes whole. */
  readonly names: (item: Item) => readonly string[];
}

/**
 * An attribute counts as taken if a column takes it whole. One that columns only reach into counts as taken, for
 * `firstPath`, if they reach each of its entries; for `names` it does not, so that nothing of it is lost.
 *
 * A key attribute that a condition fixes with `equals` is taken: the table implies its value. Replication attributes of
 * global tables are no data.
 */
export function compileUnmappedAttributes(table: TablePlan): UnmappedAttributes {
  const taken = takenBy(table);
  const implied = new Set(table.when.filter((condition) => "equals" in condition).map(({ attribute }) => attribute));

  return {
    firstPath(item) {
      for (const name of Object.keys(item)) {
        const part = taken.get(name);
        if (part === "whole" || implied.has(name) || isReplicationAttribute(name)) continue;
        const path = firstUnmapped(item[name], part, [name]);
        if (path !== undefined) return formatPath(path);
      }
      return undefined;
    },
    names(item) {
      const names: string[] = [];
      for (const name of Object.keys(item)) {
        if (taken.get(name) !== "whole" && !isReplicationAttribute(name)) names.push(name);
      }
      return names;
    },
  };
}

function takenBy(table: TablePlan): Taken {
  const taken: TakenBuilder = new Map();
  for (const { source } of table.columns) {
    if (source.kind === "attribute") take(taken, source.path);
  }
  return taken;
}

function take(taken: TakenBuilder, path: readonly PathSegment[]): void {
  let level = taken;
  for (const [at, segment] of path.entries()) {
    const next = level.get(segment);
    if (next === "whole") return;
    if (at === path.length - 1) {
      level.set(segment, "whole");
      return;
    }
    const below: TakenBuilder = next ?? new Map();
    level.set(segment, below);
    level = below;
  }
}

/** The path to the first part of `value` that is not taken. */
function firstUnmapped(
  value: AttributeValue | undefined,
  taken: Taken | "whole" | undefined,
  path: readonly PathSegment[],
): readonly PathSegment[] | undefined {
  if (value === undefined || taken === "whole") return undefined;
  if (taken === undefined) return path;
  if (value.M !== undefined) {
    for (const name of Object.keys(value.M)) {
      const found = firstUnmapped(value.M[name], taken.get(name), [...path, name]);
      if (found !== undefined) return found;
    }
  } else if (value.L !== undefined) {
    for (const [index, element] of value.L.entries()) {
      const found = firstUnmapped(element, taken.get(index), [...path, index]);
      if (found !== undefined) return found;
    }
  }
  // Null where a Map or List was expected leaves nothing behind; any other type is refused when the column is read.
  return undefined;
}
