const ZERO = 0x30;
const NINE = 0x39;

/** Maps with more names than this around a value are left to the slow path. */
const MAX_NAMES = 96;

/**
 * The names met so far in a Map and in those around it. Of two equal names JSON.parse keeps the last; and it puts names
 * that look like list indexes first. Both change the order of a document, so both are left to the slow path.
 */
export class MapNames {
  private readonly starts = new Int32Array(MAX_NAMES);
  private readonly ends = new Int32Array(MAX_NAMES);
  private first = 0;
  private count = 0;

  clear(): void {
    this.first = 0;
    this.count = 0;
  }

  /** Begins a Map; give what it returns to `end`. */
  begin(): number {
    const outer = this.first;
    this.first = this.count;
    return outer;
  }

  end(outer: number): void {
    this.count = this.first;
    this.first = outer;
  }

  /** False if the name, which lies in a line between `start` and `end`, may change the order. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    const initial = bytes[start] as number;
    if (this.count === MAX_NAMES || (initial >= ZERO && initial <= NINE)) return false;
    for (let index = this.first; index < this.count; index++) {
      if (isSame(bytes, this.starts[index] as number, this.ends[index] as number, start, end)) return false;
    }
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    return true;
  }
}

function isSame(bytes: Uint8Array, left: number, leftEnd: number, right: number, rightEnd: number): boolean {
  if (leftEnd - left !== rightEnd - right) return false;
  for (let at = left, other = right; at < leftEnd; at++, other++) {
    if (bytes[at] !== bytes[other]) return false;
  }
  return true;
}
