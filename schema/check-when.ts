import { patternProblem } from "./check-column";
import { keyAttributes } from "./check-key";
import { didYouMean } from "./closest-name";
import { conditionList, conditionsExclude } from "./condition";
import type { ConditionMapping, SourceMapping, TableMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";

/** What is wrong between a table's conditions, each of which is valid by itself. */
export function checkWhen(table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  const conditions = conditionList(table.when);
  if (conditions.some((condition) => testCount(condition) !== 1 || matchesProblem(condition) !== undefined)) return [];
  return conditions.flatMap((condition, index) => {
    const other = conditions
      .slice(0, index)
      .findIndex((earlier) => earlier.attribute === condition.attribute && conditionsExclude(earlier, condition));
    if (other === -1) return [];
    return [{ path: [...path, "when", index], message: `can never hold together with when[${other}]; remove one` }];
  });
}

function testCount({ equals, beginsWith, matches }: ConditionMapping): number {
  return [equals, beginsWith, matches].filter((test) => test !== undefined).length;
}

function matchesProblem({ matches }: ConditionMapping): string | undefined {
  return matches === undefined ? undefined : patternProblem(matches);
}

/** What is wrong with one condition. It follows the grammar. */
export function checkCondition(
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
  if (testCount(condition) !== 1) {
    problems.push({ path, message: "must have exactly one of equals, beginsWith and matches" });
  }
  const problem = matchesProblem(condition);
  if (problem !== undefined) problems.push({ path: [...path, "matches"], message: problem });
  return problems;
}
