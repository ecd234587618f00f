import type { PathSegment } from "./migration-plan";

const PLAIN_NAME = /^[^.[\]"\\\s]+$/u;

/**
 * A path as a person reads it: `Address.City`, `Lines[0].Price`; a name with dots, brackets, quotes or blanks, or an
 * empty one, stands in brackets as a JSON string: `["plan.tier"]`.
 */
export function formatPath(path: readonly PathSegment[]): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (PLAIN_NAME.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}
