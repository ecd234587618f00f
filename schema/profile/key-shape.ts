import type { AttributeValue } from "../attribute-value";

/**
 * The shape of a key attribute's text in a single-table design: fixed words and what varies between them. `ORDER#17#LINE#3`
 * has the shape `ORDER#*#LINE#*`, `PROFILE` is a word by itself, and a text without such words has the shape `*`.
 *
 * A part between delimiters is a fixed word if it looks like one and does not follow another: `TYPE#value#TYPE#value` is
 * how such keys are made. Parts that vary and stand together are one, delimiters and all.
 */
export type KeyShape = string;

/** The shape of texts without fixed words. */
export const ANY_TEXT = "*";

/** The shape of the sort key where the table has none. */
export const NO_KEY = "";

const DELIMITERS = ["#", "|", ":"] as const;
const WORD = /^[A-Za-z][A-Za-z_-]{1,39}$/;
const CONSTANT_WORD = /^#?[A-Z][A-Z_]{1,39}#?$/;
/** What `.` of a regular expression does not match: such texts are taken whole. */
const LINE_END = /[\n\r\u2028\u2029]/;
/** Stands for what varies. No word holds it. */
const STAR = "*";

/** How much of a text counts: all its words, the first one only, or none. */
export type ShapeDetail = "all words" | "first word" | "none";

/** The shape of a key attribute's value. */
export function keyShape(value: AttributeValue | undefined, detail: ShapeDetail): KeyShape {
  if (value?.S === undefined || detail === "none") return ANY_TEXT;
  return textShape(value.S, detail);
}

/** The shape of a text. */
export function textShape(text: string, detail: ShapeDetail = "all words"): KeyShape {
  if (CONSTANT_WORD.test(text)) return text;
  const delimiter = DELIMITERS.find((each) => text.includes(each));
  if (delimiter === undefined || LINE_END.test(text)) return ANY_TEXT;
  const shape = shapeOfParts(text.split(delimiter), delimiter);
  return shape === undefined ? ANY_TEXT : coarserShape(shape, detail);
}

/** The shape of the same texts with less detail. */
export function coarserShape(shape: KeyShape, detail: ShapeDetail): KeyShape {
  if (shape === NO_KEY) return shape;
  if (detail === "none") return ANY_TEXT;
  if (detail === "all words" || isConstantShape(shape)) return shape;
  return shape.slice(0, shape.indexOf(STAR) + 1);
}

/** Undefined if nothing fixed stands at the beginning, or nothing at all where something varies. */
function shapeOfParts(parts: readonly string[], delimiter: string): KeyShape | undefined {
  const pieces: string[] = [];
  let afterWord = false;
  let emptyRun = false;
  for (const [index, part] of parts.entries()) {
    const isLeading = part === "" && index === 0;
    const isWord: boolean = !isLeading && !afterWord && WORD.test(part);
    if (isLeading || isWord) {
      if (emptyRun) return undefined;
      pieces.push(part);
    } else if (pieces.at(-1) === STAR) emptyRun = false;
    else {
      pieces.push(STAR);
      emptyRun = part === "";
    }
    afterWord = isWord;
  }
  const first = pieces[0] === "" ? pieces[1] : pieces[0];
  return emptyRun || first === undefined || first === STAR ? undefined : pieces.join(delimiter);
}

/** Whether texts of a shape are all the same text. */
export function isConstantShape(shape: KeyShape): boolean {
  return !shape.includes(STAR);
}

/** The words and stars of a shape; a word carries the delimiters around it. `ORDER#*#LINE#*`: `ORDER#`, `*`, `#LINE#`, `*`. */
export function shapePieces(shape: KeyShape): readonly string[] {
  return shape.split(/(\*)/).filter((piece) => piece !== "");
}

/**
 * The regular expression of a shape's texts, with a capture group around the part number `captured` of those that vary
 * (none if undefined). Patterns of one shape differ in their groups only, so together they tell the whole text.
 */
export function shapePattern(shape: KeyShape, captured?: number): string {
  let star = -1;
  const source = shapePieces(shape).map((piece) => {
    if (piece !== STAR) return piece.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    star += 1;
    return star === captured ? "(.+)" : ".+";
  });
  return `^${source.join("")}$`;
}

/** How many parts of a shape vary. */
export function variableCount(shape: KeyShape): number {
  return shapePieces(shape).filter((piece) => piece === STAR).length;
}

/** The fixed words of a shape, without delimiters: what a table of such items may be called. */
export function shapeWords(shape: KeyShape): readonly string[] {
  return shape.match(/[A-Za-z][A-Za-z_-]*/g) ?? [];
}

/** The words before each part that varies: `ORDER` and `LINE` of `ORDER#*#LINE#*`. */
export function variableNames(shape: KeyShape): readonly string[] {
  const names: string[] = [];
  let word = "";
  for (const piece of shapePieces(shape)) {
    if (piece === STAR) names.push(word);
    else word = /[A-Za-z][A-Za-z_-]*/.exec(piece)?.[0] ?? "";
  }
  return names;
}
