import { ATTRIBUTE_TAGS, type AttributeTag, type AttributeValue, tagOf } from "../attribute-value";
import { base64ByteLength } from "../base64-text";
import { canonicalDecimalText } from "../decimal";
import { ALL_CANDIDATES, type CandidateCheck } from "./candidate-types";
import { DistinctCount, type DistinctCountState } from "./hyper-log-log";
import { NumberGatherer, type NumberProfile } from "./number-profile";
import { TextGatherer, type TextProfile } from "./text-profile";

/** What is known of all values at one place: an attribute, an entry of Maps, or the elements of Lists. Plain JSON. */
export interface ValueProfile {
  readonly count: number;
  readonly tags: Readonly<Partial<Record<AttributeTag, number>>>;
  /** Types that took every value, as bits; see `candidateTypes`. */
  readonly candidates: number;
  readonly numbers?: NumberProfile;
  readonly texts?: TextProfile;
  /** Most bytes of a Binary. */
  readonly maximumBinaryBytes: number;
  /** Fewest and most elements of Lists and sets. */
  readonly minimumElements: number;
  readonly maximumElements: number;
  /** Of String, Number, Binary and Boolean values. */
  readonly distinct: DistinctCountState;
  readonly examples: readonly string[];
}

export interface ValueOptions {
  readonly check: CandidateCheck;
  /** Keep some values, to be shown. */
  readonly examples: boolean;
}

const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 60;
const NO_ELEMENTS = Number.MAX_SAFE_INTEGER;

/** Gathers a {@link ValueProfile}. */
export class ValueGatherer {
  #count = 0;
  readonly #tags = new Map<AttributeTag, number>();
  #candidates = ALL_CANDIDATES;
  #numbers: NumberGatherer | undefined;
  #texts: TextGatherer | undefined;
  #maximumBinaryBytes = 0;
  #minimumElements = NO_ELEMENTS;
  #maximumElements = 0;
  readonly #distinct = new DistinctCount();
  readonly #examples: string[] = [];

  add(value: AttributeValue, { check, examples }: ValueOptions): void {
    const tag = tagOf(value);
    this.#count += 1;
    this.#tags.set(tag, (this.#tags.get(tag) ?? 0) + 1);
    this.#candidates = check(value, this.#candidates);
    const text = this.#measure(value);
    if (text === undefined) return;
    this.#distinct.add(text);
    if (examples && this.#examples.length < MAX_EXAMPLES) this.#keepExample(text);
  }

  merge(other: ValueProfile): void {
    this.#count += other.count;
    for (const tag of ATTRIBUTE_TAGS) {
      const count = other.tags[tag];
      if (count !== undefined) this.#tags.set(tag, (this.#tags.get(tag) ?? 0) + count);
    }
    this.#candidates &= other.candidates;
    if (other.numbers !== undefined) {
      this.#numbers ??= new NumberGatherer();
      this.#numbers.merge(other.numbers);
    }
    if (other.texts !== undefined) {
      this.#texts ??= new TextGatherer();
      this.#texts.merge(other.texts);
    }
    this.#maximumBinaryBytes = Math.max(this.#maximumBinaryBytes, other.maximumBinaryBytes);
    this.#minimumElements = Math.min(this.#minimumElements, other.minimumElements);
    this.#maximumElements = Math.max(this.#maximumElements, other.maximumElements);
    this.#distinct.merge(other.distinct);
    for (const text of other.examples) if (this.#examples.length < MAX_EXAMPLES) this.#keepExample(text);
  }

  get profile(): ValueProfile {
    return {
      count: this.#count,
      tags: Object.fromEntries(this.#tags),
      candidates: this.#candidates,
      ...(this.#numbers === undefined ? {} : { numbers: this.#numbers.profile }),
      ...(this.#texts === undefined ? {} : { texts: this.#texts.profile }),
      maximumBinaryBytes: this.#maximumBinaryBytes,
      minimumElements: this.#minimumElements,
      maximumElements: this.#maximumElements,
      distinct: this.#distinct.state,
      examples: this.#examples,
    };
  }

  /** Measures a value and gives the text by which it is told from others; undefined for what is not counted so. */
  #measure(value: AttributeValue): string | undefined {
    if (value.S !== undefined) {
      this.#texts ??= new TextGatherer();
      this.#texts.add(value.S);
      return value.S;
    }
    if (value.N !== undefined) {
      this.#numbers ??= new NumberGatherer();
      this.#numbers.add(value.N);
      return canonicalDecimalText(value.N) ?? value.N;
    }
    if (value.B !== undefined) {
      this.#maximumBinaryBytes = Math.max(this.#maximumBinaryBytes, base64ByteLength(value.B));
      return value.B;
    }
    if (value.BOOL !== undefined) return String(value.BOOL);
    const elements = value.L ?? value.SS ?? value.NS ?? value.BS;
    if (elements !== undefined) {
      this.#minimumElements = Math.min(this.#minimumElements, elements.length);
      this.#maximumElements = Math.max(this.#maximumElements, elements.length);
    }
    for (const number of value.NS ?? []) {
      this.#numbers ??= new NumberGatherer();
      this.#numbers.add(number);
    }
    for (const text of value.SS ?? []) {
      this.#texts ??= new TextGatherer();
      this.#texts.add(text);
    }
    for (const bytes of value.BS ?? []) {
      this.#maximumBinaryBytes = Math.max(this.#maximumBinaryBytes, base64ByteLength(bytes));
    }
    return undefined;
  }

  #keepExample(text: string): void {
    const example = text.length > MAX_EXAMPLE_LENGTH ? `${text.slice(0, MAX_EXAMPLE_LENGTH)}…` : text;
    if (!this.#examples.includes(example)) this.#examples.push(example.toWellFormed());
  }
}
