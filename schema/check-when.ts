import { patternProblem } from "./check-column";
import { keyAttributes } from "./check-key";
import { didYouMean } from "./closest-name";
import { conditionList, conditionsExclude } from "./condition";
import type { ConditionMapping, SourceMapping, TableMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";

/** What is wrong with a table's `when`. The table follows the grammar. */
export function checkWhen(table: TableMapping, path: MappingPath, source: SourceMapping): readonly MappingProblem[] {
  const conditions = conditionList(table.when);
  const conditionPath = (index: number): MappingPath =>
    Array.isArray(table.when) ? [...path, "when", index] : [...path, "when"];
  const problems = conditions.flatMap((condition, index) => checkCondition(condition, conditionPath(index), source));
  if (problems.length > 0) return problems;
  return conditions.flatMap((condition, index) => {
    const other = conditions
      .slice(0, index)
      .findIndex((earlier) => earlier.attribute === condition.attribute && conditionsExclude(earlier, condition));
    if (other === -1) return [];
    return [{ path: conditionPath(index), message: `can never hold together with when[${other}]; remove one` }];
  });
}

function checkCondition(
  condition: ConditionMapping,
  path: MappingPath,
  source: SourceMapping,
): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const attributes = keyAttributes(source);
  if (!attributes.includes(condition.attribute)) {
    const keys = attributes.map((name) => `"${name}"`).join(" or ");
    const hint = didYouMean(condition.attribute, attributes) || `; test ${keys}`;
    problems.push({
      path: [...path, "attribute"],
      message: `"${condition.attribute}" is no key attribute: it could change, and the item would leave its table${hint}`,
    });
  }
  const tests = [condition.equals, condition.beginsWith, condition.matches].filter((test) => test !== undefined);
  if (tests.length !== 1) {
    problems.push({ path, message: "must have exactly one of equals, beginsWith and matches" });
  }
  const problem = condition.matches === undefined ? undefined : patternProblem(condition.matches);
  if (problem !== undefined) problems.push({ path: [...path, "matches"], message: problem });
  return problems;
}
