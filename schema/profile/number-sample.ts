/** Enough for a histogram of twenty bars. */
const CAPACITY = 256;

export interface NumberSampleState {
  readonly seen: number;
  readonly values: readonly number[];
}

/**
 * A random sample of numbers, each seen with the same chance of being in it (Vitter's algorithm R). The randomness is
 * its own and starts the same, so equal input gives equal profiles.
 */
export class NumberSample {
  #seen = 0;
  #values: number[] = [];
  #random = 0x2545f491;

  add(value: number): void {
    this.#seen += 1;
    if (this.#values.length < CAPACITY) this.#values.push(value);
    else {
      const place = Math.floor(this.#next() * this.#seen);
      if (place < CAPACITY) this.#values[place] = value;
    }
  }

  /** Each place of the merged sample comes from one of both with the chance of its share of all that was seen. */
  merge(other: NumberSampleState): void {
    const total = this.#seen + other.seen;
    if (total <= CAPACITY) this.#values.push(...other.values);
    else {
      const own = this.#values;
      const size = Math.min(CAPACITY, own.length + other.values.length);
      const share = this.#seen / total;
      this.#values = Array.from({ length: size }, () => {
        const from = this.#next() < share ? own : other.values;
        return from[Math.floor(this.#next() * from.length)] ?? 0;
      });
    }
    this.#seen = total;
  }

  get state(): NumberSampleState {
    return { seen: this.#seen, values: this.#values };
  }

  #next(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }
}
