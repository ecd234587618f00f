import { expect } from "chai";
import { compareDecimals, parseDecimal } from "../../schema/decimal";
import type { WireValue } from "../../schema/wire-value";

/** Spanner spells numbers and JSON in its own way; equal means the same value. */
export function isSameValue(kind: string, sent: WireValue, found: WireValue): boolean {
  if (sent === null || found === null) return sent === found;
  if (Array.isArray(sent)) {
    return (
      Array.isArray(found) &&
      sent.length === found.length &&
      sent.every((each, at) => isSameValue(kind, each, found[at] ?? null))
    );
  }
  if (kind.includes("NUMERIC")) {
    const [a, b] = [parseDecimal(String(sent)), parseDecimal(String(found))];
    return a !== undefined && b !== undefined && compareDecimals(a, b) === 0;
  }
  if (kind.includes("JSON")) return sameJson(String(sent), String(found));
  return sent === found;
}

/** The emulator prints doubles with 17 digits and sorts names; a large integer must be the same to the digit. */
function sameJson(sent: string, found: string): boolean {
  if (/^-?\d+$/.test(sent) && /^-?\d+$/.test(found)) return BigInt(sent) === BigInt(found);
  try {
    expect(JSON.parse(found)).to.deep.equal(JSON.parse(sent));
    return true;
  } catch {
    return false;
  }
}
