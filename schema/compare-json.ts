import type { Dialect } from "./column-type";
import { compareDecimals, type Decimal, formatDecimal, isInteger, magnitude, parseDecimal } from "./decimal";

/**
 * Spanner's JSON keeps integers of INT64 and UINT64 exactly, and other numbers as doubles
 * (https://cloud.google.com/spanner/docs/working-with-json#specs); JSONB keeps decimals.
 */
const MIN_INTEGER = decimal("-9223372036854775808");
const MAX_INTEGER = decimal("18446744073709551615");

/** Longer numbers are compared as doubles without being spelt out. */
const MAX_PLAIN_MAGNITUDE = 6_000;

/**
 * A JSON text as one canonical text: equal texts mean equal documents. Members are sorted, blanks are gone, and each
 * number is written as what the database keeps of it: "13.739143199999999", which the emulator prints for 13.7391432, is
 * the same double and so the same number; 9007199254740993 is not 9007199254740992, though they share a double.
 *
 * `JSON.parse` alone would lose such digits. Names are the user's; of a name that occurs twice both members are kept.
 *
 * @returns undefined if the text is no JSON
 */
export function canonicalJson(text: string, dialect: Dialect): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // From here on the grammar is known to be kept.
  return new Canonicalizer(text, dialect).value();
}

const BLANK = /[ \t\n\r]*/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

class Canonicalizer {
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly dialect: Dialect,
  ) {}

  value(): string {
    this.take(BLANK);
    switch (this.text[this.position]) {
      case "{":
        return `{${this.elements("}", () => this.member())
          .sort()
          .join(",")}}`;
      case "[":
        return `[${this.elements("]", () => this.value()).join(",")}]`;
      case '"':
        return this.string();
      case "t":
      case "f":
      case "n":
        return this.take(WORD);
      default:
        return canonicalNumber(this.take(NUMBER), this.dialect);
    }
  }

  private elements(end: string, read: () => string): string[] {
    const found: string[] = [];
    this.position++;
    for (this.take(BLANK); this.text[this.position] !== end; this.take(BLANK)) {
      if (this.text[this.position] === ",") this.position++;
      found.push(read());
    }
    this.position++;
    return found;
  }

  private member(): string {
    this.take(BLANK);
    const name = this.string();
    this.take(BLANK);
    this.position++;
    return `${name}:${this.value()}`;
  }

  /** Escapes may be written in several ways. */
  private string(): string {
    const start = this.position++;
    // No regular expression: documents may hold strings of megabytes.
    for (; this.text[this.position] !== '"'; this.position++) if (this.text[this.position] === "\\") this.position++;
    return JSON.stringify(JSON.parse(this.text.slice(start, ++this.position)));
  }

  private take(token: RegExp): string {
    token.lastIndex = this.position;
    const [found = ""] = token.exec(this.text) ?? [];
    this.position += found.length;
    return found;
  }
}

function canonicalNumber(text: string, dialect: Dialect): string {
  const number = parseDecimal(text);
  if (number === undefined) return String(Number(text));
  const plain = Math.abs(magnitude(number)) <= MAX_PLAIN_MAGNITUDE;
  const kept = dialect === "postgresql" ? plain : plain && isKeptInteger(number);
  return kept ? formatDecimal(number) : String(Number(text));
}

function isKeptInteger(number: Decimal): boolean {
  return isInteger(number) && compareDecimals(number, MIN_INTEGER) >= 0 && compareDecimals(number, MAX_INTEGER) <= 0;
}

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new TypeError(`${text} is no decimal`);
  return parsed;
}
