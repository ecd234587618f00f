import type { PathSegment } from "./migration-plan";

/** A path as a mapping's `from` spells it: dotted text, or a list of segments for names that hold dots or brackets. */
export type PathText = string | readonly PathSegment[];

/**
 * Reads `A.B[0].C` into its segments. A list of segments is taken as it stands.
 *
 * @returns the segments, or a sentence that says what is wrong
 */
export function parsePath(text: PathText): readonly PathSegment[] | { readonly problem: string } {
  if (typeof text !== "string") {
    return typeof text[0] === "string" ? text : { problem: "the first segment must be an attribute's name" };
  }
  const segments: PathSegment[] = [];
  for (const part of text.split(".")) {
    const parsed = /^([^[\]]*)((?:\[\d+\])*)$/.exec(part);
    if (parsed === null) {
      return { problem: `"${part}" is neither a name nor a name with list indexes such as Lines[0]; ${SEGMENTS_HINT}` };
    }
    const [, name = "", indexes = ""] = parsed;
    if (name === "") return { problem: `the path has an empty name; ${SEGMENTS_HINT}` };
    segments.push(name);
    for (const [, index] of indexes.matchAll(/\[(\d+)\]/g)) segments.push(Number(index));
  }
  return segments;
}

const SEGMENTS_HINT = 'names that hold dots or brackets are written as a list of segments, such as ["plan.tier"]';
