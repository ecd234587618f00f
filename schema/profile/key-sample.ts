import { hash53 } from "./hyper-log-log";

const CAPACITY = 16_384;
const HASH_RANGE = 2 ** 53;

export interface KeySampleState {
  readonly limit: number;
  readonly hashes: readonly number[];
  readonly duplicates: number;
}

/**
 * Looks for keys that are there twice, in constant memory: of all keys those are kept whose hash lies below a limit,
 * which is halved whenever there are too many. All copies of one key are kept or none, so a key that does not tell items
 * apart shows, unless that is very rare.
 */
export class KeySample {
  #limit = HASH_RANGE;
  #hashes = new Set<number>();
  #duplicates = 0;

  add(key: string): void {
    this.#addHash(hash53(key));
  }

  merge(other: KeySampleState): void {
    if (other.limit < this.#limit) this.#lower(other.limit);
    this.#duplicates += other.duplicates;
    for (const hash of other.hashes) this.#addHash(hash);
  }

  get state(): KeySampleState {
    return { limit: this.#limit, hashes: [...this.#hashes], duplicates: this.#duplicates };
  }

  #addHash(hash: number): void {
    if (hash >= this.#limit) return;
    if (this.#hashes.has(hash)) this.#duplicates += 1;
    else this.#hashes.add(hash);
    if (this.#hashes.size > CAPACITY) this.#lower(this.#limit / 2);
  }

  #lower(limit: number): void {
    this.#limit = limit;
    this.#hashes = new Set([...this.#hashes].filter((hash) => hash < limit));
  }
}
