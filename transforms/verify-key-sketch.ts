import { hash } from "node:crypto";

/** Cells of each of the three parts. Three parts give back, all but surely, up to 0.8 keys a cell. */
const PART_CELLS = 65_536;
const PARTS = 3;

/** How many keys of difference a sketch surely gives back. */
export const SKETCH_CAPACITY = 120_000;

/** 96 bits that stand for a key. */
export interface KeyDigest {
  readonly words: readonly [number, number, number];
  /** Decides whether the key is in a sample: evenly spread from 0 to below 1, and independent of the words. */
  readonly share: number;
}

/** @param identity the row's text by `compileRowIdentity` */
export function digestKey(identity: string): KeyDigest {
  const digest = hash("md5", identity, "buffer");
  return {
    words: [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)],
    share: digest.readUInt32LE(12) / 2 ** 32,
  };
}

/** The digest as text, to look it up. */
export function digestText({ words }: Pick<KeyDigest, "words">): string {
  return words.join(".");
}

/** What the rows of the tables and the rows that items explain differ by. */
export interface SketchDifference {
  /** Digests (as text) of rows that were added and not taken out. */
  readonly surplus: ReadonlySet<string>;
  /** Digests of rows that were taken out more often than added. */
  readonly repeated: ReadonlySet<string>;
  /** False: there are more differences than the sketch gives back; `surplus` then holds some of them. */
  readonly complete: boolean;
}

/**
 * Finds the difference of two sets of any size in 3 MB: an invertible Bloom lookup table (Goodrich, Mitzenmacher:
 * Invertible Bloom Lookup Tables, 2011). Each key is added to three cells when it is seen in the database, and taken out
 * when an item explains it. What cancels out leaves nothing behind; what does not can be read from cells that hold a
 * single key, and taken out of its other cells, until all cells are empty.
 */
export class KeySketch {
  private readonly counts = new Int32Array(PART_CELLS * PARTS);
  private readonly first = new Uint32Array(PART_CELLS * PARTS);
  private readonly second = new Uint32Array(PART_CELLS * PARTS);
  private readonly third = new Uint32Array(PART_CELLS * PARTS);
  private readonly checks = new Uint32Array(PART_CELLS * PARTS);

  add(digest: Pick<KeyDigest, "words">): void {
    this.toggle(digest.words, 1);
  }

  takeOut(digest: Pick<KeyDigest, "words">): void {
    this.toggle(digest.words, -1);
  }

  /** Reads the difference, and empties the sketch by it. */
  difference(): SketchDifference {
    const surplus = new Set<string>();
    const repeated = new Set<string>();
    const pending = Array.from(this.counts.keys());
    for (let cell = pending.pop(); cell !== undefined; cell = pending.pop()) {
      const words = this.singleKeyOf(cell);
      if (words === undefined) continue;
      const count = this.counts[cell] ?? 0;
      (count > 0 ? surplus : repeated).add(digestText({ words }));
      this.toggle(words, -count);
      for (let part = 0; part < PARTS; part++) pending.push(cellOf(words, part));
    }
    return { surplus, repeated, complete: this.counts.every((count) => count === 0) };
  }

  private toggle(words: KeyDigest["words"], count: number): void {
    const check = checkOf(words);
    for (let part = 0; part < PARTS; part++) {
      const cell = cellOf(words, part);
      this.counts[cell] = (this.counts[cell] ?? 0) + count;
      this.first[cell] = (this.first[cell] ?? 0) ^ words[0];
      this.second[cell] = (this.second[cell] ?? 0) ^ words[1];
      this.third[cell] = (this.third[cell] ?? 0) ^ words[2];
      this.checks[cell] = (this.checks[cell] ?? 0) ^ check;
    }
  }

  /** The key of a cell that holds one key alone. */
  private singleKeyOf(cell: number): KeyDigest["words"] | undefined {
    if (Math.abs(this.counts[cell] ?? 0) !== 1) return undefined;
    const words = [this.first[cell] ?? 0, this.second[cell] ?? 0, this.third[cell] ?? 0] as const;
    const here = cellOf(words, Math.floor(cell / PART_CELLS)) === cell;
    return here && this.checks[cell] === checkOf(words) ? words : undefined;
  }
}

/** The cell of a key in one of the parts. */
function cellOf([first, second]: KeyDigest["words"], part: number): number {
  if (part === 0) return first % PART_CELLS;
  return part * PART_CELLS + (part === 1 ? first >>> 16 : second % PART_CELLS);
}

/** A mix of all three words, by which a cell with one key is told from a cell with several (MurmurHash3's finaliser). */
function checkOf([first, second, third]: KeyDigest["words"]): number {
  let mixed = first ^ Math.imul(second, 0x9e3779b1) ^ Math.imul(third, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
