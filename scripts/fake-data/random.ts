/** A source of numbers that looks random and is the same for the same seed on every machine. */
export interface Random {
  /** An integer from 0 to `below - 1`; `below` is at most 2^32. */
  integer(below: number): number;
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  bytes(length: number): Buffer;
}

const twoTo32 = 2 ** 32;

/**
 * The randomness of one item. Each index has its own, so that an item does not depend on how many there are, nor on
 * which file it is written to.
 */
export function randomAt(seed: number, index: number): Random {
  let state = mix(mix(seed) ^ mix(index >>> 0) ^ mix(Math.floor(index / twoTo32) + 0x9e3779b9));
  /** mulberry32: 32 bits of state, an addition and two multiplications a number. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  const integer = (below: number): number => Math.floor((next() / twoTo32) * below);
  return {
    integer,
    chance: (probability) => next() < probability * twoTo32,
    pick: (choices) => {
      if (choices.length === 0) throw new RangeError("there is nothing to pick from");
      return choices[integer(choices.length)] as (typeof choices)[number];
    },
    bytes: (length) => {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at < length; at += 1) bytes[at] = next();
      return bytes;
    },
  };
}

/** The finalizer of MurmurHash3: neighbouring inputs give unrelated outputs. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
