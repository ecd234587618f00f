/**
 * The regular expressions of a mapping (`match` and `when.matches`), and what can be proven of them: that a text can be
 * told again from what their capture groups take of it. Two items whose key texts differ then never share a row.
 */

/**
 * Compiles a regular expression of the mapping. Always with the u flag: without it, a group could end in the middle of a
 * character beyond U+FFFF.
 *
 * @throws SyntaxError if the pattern is no regular expression
 */
export function compileMatchPattern(pattern: string): RegExp {
  return new RegExp(pattern, "u");
}

/** How many capture groups a valid pattern has. */
export function captureGroupCount(pattern: string): number {
  return (new RegExp(`(?:${pattern})|`, "u").exec("")?.length ?? 1) - 1;
}

/** A stretch of a pattern. */
interface PatternPiece {
  /** Its source without capture groups, so that patterns that differ in their groups only can be compared. */
  readonly source: string;
  /** It always matches the same text: a literal, or an assertion, which matches none. */
  readonly constant: boolean;
  /** The first capture group takes what it matches. */
  readonly captured: boolean;
}

/**
 * Whether the texts that the first capture groups of these patterns take tell the whole text again.
 *
 * Proven for patterns anchored at both ends that are the same but for their capture groups: they split a text in the
 * same way, so the pieces that some group takes, and the constant ones between, make up the text. For others the answer
 * is false, though it might be so.
 */
export function patternsTellWholeText(patterns: readonly string[]): boolean {
  const bySkeleton = new Map<string, (readonly PatternPiece[])[]>();
  for (const pattern of patterns) {
    const pieces = splitPattern(pattern);
    if (pieces === undefined) continue;
    const skeleton = JSON.stringify(pieces.map((piece) => piece.source));
    bySkeleton.set(skeleton, [...(bySkeleton.get(skeleton) ?? []), pieces]);
  }
  return [...bySkeleton.values()].some((alike) =>
    (alike[0] ?? []).every((piece, index) => piece.constant || alike.some((pieces) => pieces[index]?.captured)),
  );
}

/** Whether only one text matches the pattern. False where it can't be proven. */
export function matchesOneText(pattern: string): boolean {
  return splitPattern(pattern)?.every((piece) => piece.constant) ?? false;
}

const TOKEN =
  /\\(?:u\{[\da-f]+\}|u[\da-f]{4}|x[\da-f]{2}|c[a-z]|k<[^>]*>|p\{[^}]*\}|\d+|.)|\[(?:\\.|[^\]\\])*\]|\(\?(?:[:=!]|<[=!]|<[^>]*>)|[*+?]\??|\{\d+(?:,\d*)?\}\??|[\s\S]/giu;
const QUANTIFIER = /^(?:[*+?]\??|\{\d+(?:,\d*)?\}\??)$/;
const CAPTURE = /^\((?:\?<[^=!].*)?$/;
const ASSERTION = /^\(\?<?[=!]$/;
const BACK_REFERENCE = /^\\(?:[1-9]|k<)/;
const CONSTANT_ESCAPE = /^\\(?:[bB0tnvfrcxu]|[$()*+./?[\\\]^{|}-])/;

/** The pieces of a pattern `^…$`, or undefined if it is none or can't be reasoned about piece by piece. */
function splitPattern(pattern: string): readonly PatternPiece[] | undefined {
  const tokens = pattern.match(TOKEN) ?? [];
  if (tokens.length < 2 || tokens[0] !== "^" || tokens.at(-1) !== "$") return undefined;
  if (tokens.some((token) => BACK_REFERENCE.test(token))) return undefined;
  const firstCapture = tokens.findIndex((token) => CAPTURE.test(token));
  return splitTokens(tokens, 1, tokens.length - 1, firstCapture, false);
}

function splitTokens(
  tokens: readonly string[],
  start: number,
  end: number,
  firstCapture: number,
  captured: boolean,
): readonly PatternPiece[] | undefined {
  const pieces: PatternPiece[] = [];
  for (let index = start; index < end; ) {
    const token = tokens[index] ?? "";
    if (token === "|" || token === "^" || token === "$") return undefined;
    const last = token.startsWith("(") ? groupEnd(tokens, index) : index;
    const quantified = QUANTIFIER.test(tokens[last + 1] ?? "");
    const next = last + (quantified ? 2 : 1);
    const takesAll = captured || index === firstCapture;
    if (last === index) {
      const source = tokens.slice(index, next).join("");
      pieces.push({ source, constant: !quantified && isConstant(token), captured });
    } else if (ASSERTION.test(token)) {
      pieces.push({ source: withoutCaptures(tokens.slice(index, next)), constant: true, captured });
    } else if (quantified || hasAlternatives(tokens, index + 1, last)) {
      // One piece. Repeated, its group would keep only the last round.
      const source = `(?:${withoutCaptures(tokens.slice(index + 1, next))}`;
      pieces.push({ source, constant: false, captured: quantified ? captured : takesAll });
    } else {
      const inner = splitTokens(tokens, index + 1, last, firstCapture, takesAll);
      if (inner === undefined) return undefined;
      pieces.push(...inner);
    }
    index = next;
  }
  return pieces;
}

/** Index of the parenthesis that closes the group opened at `start`; the pattern is known to be valid. */
function groupEnd(tokens: readonly string[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    if (tokens[index]?.startsWith("(")) depth += 1;
    if (tokens[index] === ")") depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length - 1;
}

function hasAlternatives(tokens: readonly string[], start: number, end: number): boolean {
  let depth = 0;
  for (const token of tokens.slice(start, end)) {
    if (token.startsWith("(")) depth += 1;
    if (token === ")") depth -= 1;
    if (token === "|" && depth === 0) return true;
  }
  return false;
}

function isConstant(token: string): boolean {
  if (token.startsWith("\\")) return CONSTANT_ESCAPE.test(token);
  return token !== "." && !token.startsWith("[");
}

function withoutCaptures(tokens: readonly string[]): string {
  return tokens.map((token) => (CAPTURE.test(token) ? "(?:" : token)).join("");
}
