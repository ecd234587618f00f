import type { Dialect } from "../column-type";
import { foldIdentifier } from "../identifier";
import { MAX_IDENTIFIER_LENGTH, MAX_POSTGRESQL_IDENTIFIER_LENGTH } from "../spanner-limits";
import { isReservedWord } from "./reserved-words";

/** Room for `_Versions` behind a table's name, and for a number that tells two names apart. */
const RESERVE = 14;

/** Gives names that Spanner takes, each once in its name space: case does not tell two names apart. */
export class SpannerNames {
  readonly #taken = new Set<string>();

  constructor(readonly dialect: Dialect) {}

  /** The name itself where it may stand, else the nearest that may. It is taken from then on. */
  take(wanted: string): string {
    const legal = legalName(wanted, this.dialect);
    let name = legal;
    for (let number = 2; this.isTaken(name); number += 1) name = `${legal}_${number}`;
    this.reserve(name);
    return name;
  }

  isTaken(name: string): boolean {
    return this.#taken.has(foldIdentifier(name));
  }

  reserve(name: string): void {
    this.#taken.add(foldIdentifier(name));
  }
}

/** A name with letters, digits and _ only, that begins with a letter, has room for more, and that SQL need not quote. */
export function legalName(wanted: string, dialect: Dialect): string {
  const limit = (dialect === "postgresql" ? MAX_POSTGRESQL_IDENTIFIER_LENGTH : MAX_IDENTIFIER_LENGTH) - RESERVE;
  const plain = wanted
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^_+(?=[A-Za-z])/, "")
    .slice(0, limit);
  const named = /^[A-Za-z]/.test(plain)
    ? plain
    : `Attribute_${plain}`.replace(/_+/g, "_").replace(/_$/, "").slice(0, limit);
  return isReservedWord(named, dialect) ? `${named}_` : named;
}

/** `ORDER_LINE` and `order-line` as `OrderLine`; a word of mixed case keeps it. */
export function pascalCase(words: string): string {
  return words
    .split(/[_-]+/)
    .filter((word) => word !== "")
    .map((word) => {
      const rest = word === word.toUpperCase() ? word.slice(1).toLowerCase() : word.slice(1);
      return `${word.slice(0, 1).toUpperCase()}${rest}`;
    })
    .join("");
}

/** English's regular plural; what ends in s is taken for one. */
export function plural(word: string): string {
  if (/s$/i.test(word)) return word;
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:x|z|ch|sh)$/i.test(word) ? `${word}es` : `${word}s`;
}
