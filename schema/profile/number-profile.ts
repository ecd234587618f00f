import { compareDecimals, type Decimal, formatDecimal, isInteger, isZero, parseDecimal } from "../decimal";
import { NumberSample, type NumberSampleState } from "./number-sample";

/** What is known of the numbers at one place. */
export interface NumberProfile {
  readonly count: number;
  /** Plain decimal text. */
  readonly minimum: string;
  readonly maximum: string;
  readonly integers: number;
  /** Most digits behind the point. */
  readonly scale: number;
  /** Most significant digits. */
  readonly precision: number;
  /** How many lie within the years 2001 to 2100 when they count these units since 1970. */
  readonly epochSeconds: number;
  readonly epochMilliseconds: number;
  readonly sample: NumberSampleState;
}

/** 2001-01-01 and 2101-01-01 in seconds since 1970: earlier, small counters would be taken for moments. */
const EPOCH_FROM = 978_307_200;
const EPOCH_TO = 4_133_980_800;

/** Gathers a {@link NumberProfile}. */
export class NumberGatherer {
  #count = 0;
  #minimum: Decimal | undefined;
  #maximum: Decimal | undefined;
  #integers = 0;
  #scale = 0;
  #precision = 0;
  #epochSeconds = 0;
  #epochMilliseconds = 0;
  readonly #sample = new NumberSample();

  /** @param text a number as DynamoDB writes it; `parseItem` has checked it */
  add(text: string): void {
    const decimal = parseDecimal(text);
    if (decimal === undefined) return;
    this.#count += 1;
    this.#widen(decimal);
    if (isInteger(decimal)) this.#integers += 1;
    else this.#scale = Math.max(this.#scale, -decimal.exponent);
    // Zeros at the end of an integer are digits of it, though not kept in `digits`.
    const digits = isZero(decimal) ? 1 : decimal.digits.length + Math.max(0, decimal.exponent);
    this.#precision = Math.max(this.#precision, digits);
    const double = Number(text);
    if (double >= EPOCH_FROM && double < EPOCH_TO) this.#epochSeconds += 1;
    if (double >= EPOCH_FROM * 1000 && double < EPOCH_TO * 1000) this.#epochMilliseconds += 1;
    this.#sample.add(double);
  }

  merge(other: NumberProfile): void {
    for (const text of [other.minimum, other.maximum]) {
      const decimal = parseDecimal(text);
      if (decimal !== undefined) this.#widen(decimal);
    }
    this.#count += other.count;
    this.#integers += other.integers;
    this.#scale = Math.max(this.#scale, other.scale);
    this.#precision = Math.max(this.#precision, other.precision);
    this.#epochSeconds += other.epochSeconds;
    this.#epochMilliseconds += other.epochMilliseconds;
    this.#sample.merge(other.sample);
  }

  get profile(): NumberProfile {
    return {
      count: this.#count,
      minimum: this.#minimum === undefined ? "" : formatDecimal(this.#minimum),
      maximum: this.#maximum === undefined ? "" : formatDecimal(this.#maximum),
      integers: this.#integers,
      scale: this.#scale,
      precision: this.#precision,
      epochSeconds: this.#epochSeconds,
      epochMilliseconds: this.#epochMilliseconds,
      sample: this.#sample.state,
    };
  }

  #widen(decimal: Decimal): void {
    if (this.#minimum === undefined || compareDecimals(decimal, this.#minimum) < 0) this.#minimum = decimal;
    if (this.#maximum === undefined || compareDecimals(decimal, this.#maximum) > 0) this.#maximum = decimal;
  }
}
