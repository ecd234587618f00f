import { type AttributeValue, attributeOf, type Item } from "./attribute-value";
import { canonicalDecimalText } from "./decimal";
import { compileMatchPattern } from "./match-pattern";
import type { Condition, MigrationPlan } from "./migration-plan";

/** Says whether a key attribute's text fulfils a condition. */
type TextTest = (text: string) => boolean;

interface CompiledCondition {
  readonly attribute: string;
  readonly holds: TextTest;
}

/**
 * Index of the table that takes an item: the first whose conditions all hold; -1 if there is none.
 *
 * Conditions look at the text of key attributes: a String as it is, a Number as plain decimal text, a Binary as base64.
 * An attribute that the item lacks, or that has another type, fulfils no condition.
 */
export function compileTableChoice(plan: MigrationPlan): (item: Item) => number {
  const tables = plan.tables.map((table) => table.when.map(compileCondition));
  return function chooseTable(item) {
    for (const [table, conditions] of tables.entries()) {
      if (holdAll(conditions, item)) return table;
    }
    return -1;
  };
}

function compileCondition(condition: Condition): CompiledCondition {
  return { attribute: condition.attribute, holds: compileTest(condition) };
}

function compileTest(condition: Condition): TextTest {
  if ("equals" in condition) {
    const { equals } = condition;
    return (text) => text === equals;
  }
  if ("beginsWith" in condition) {
    const { beginsWith } = condition;
    return (text) => text.startsWith(beginsWith);
  }
  const pattern = compileMatchPattern(condition.matches);
  return (text) => pattern.test(text);
}

function holdAll(conditions: readonly CompiledCondition[], item: Item): boolean {
  for (const condition of conditions) {
    const text = keyText(attributeOf(item, condition.attribute));
    if (text === undefined || !condition.holds(text)) return false;
  }
  return true;
}

/** The text of a value that a key attribute may have; undefined for other types. */
function keyText(value: AttributeValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return canonicalDecimalText(value.N);
  return value.B;
}
