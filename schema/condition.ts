import type { ConditionMapping } from "./mapping-grammar";
import { compileMatchPattern } from "./match-pattern";

/**
 * Whether every text that fulfils `given` also fulfils `asked`. Both are of one attribute and hold valid patterns. False
 * where it can't be proven.
 */
export function conditionImplies(given: ConditionMapping, asked: ConditionMapping): boolean {
  if (given.equals !== undefined) return holds(asked, given.equals);
  if (given.beginsWith !== undefined) {
    return asked.beginsWith !== undefined && given.beginsWith.startsWith(asked.beginsWith);
  }
  return given.matches === asked.matches;
}

/** Whether no text fulfils both conditions of one attribute. False where it can't be proven. */
export function conditionsExclude(left: ConditionMapping, right: ConditionMapping): boolean {
  if (left.equals !== undefined) return !holds(right, left.equals);
  if (right.equals !== undefined) return !holds(left, right.equals);
  if (left.beginsWith === undefined || right.beginsWith === undefined) return false;
  return !left.beginsWith.startsWith(right.beginsWith) && !right.beginsWith.startsWith(left.beginsWith);
}

function holds(condition: ConditionMapping, text: string): boolean {
  if (condition.equals !== undefined) return text === condition.equals;
  if (condition.beginsWith !== undefined) return text.startsWith(condition.beginsWith);
  return condition.matches !== undefined && compileMatchPattern(condition.matches).test(text);
}

/** A table's `when` as a list; none means that it takes every item. */
export function conditionList(
  when: ConditionMapping | readonly ConditionMapping[] | undefined,
): readonly ConditionMapping[] {
  if (when === undefined) return [];
  return isList(when) ? when : [when];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
