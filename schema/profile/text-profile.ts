import { isCanonicalBase64 } from "../base64-text";
import { parseDateAt, parseTimestamp } from "../date-time";
import { countCharacters } from "../unicode-text";
import { NumberSample, type NumberSampleState } from "./number-sample";

/** What is known of the texts at one place. */
export interface TextProfile {
  readonly count: number;
  readonly minimumCharacters: number;
  readonly maximumCharacters: number;
  readonly maximumBytes: number;
  /** How many are written as each of these. */
  readonly dates: number;
  readonly timestamps: number;
  /** Of the timestamps: those that are not in UTC, whose offset a TIMESTAMP does not keep. */
  readonly withOffset: number;
  readonly integers: number;
  readonly uuids: number;
  /** UUIDs of versions 1, 6 and 7, ULIDs: texts that begin with the time of their making. */
  readonly timeOrdered: number;
  readonly json: number;
  readonly base64: number;
  readonly lengths: NumberSampleState;
}

const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Begins with 0: the years until 2527. (https://github.com/ulid/spec) */
const ULID = /^0[0-9A-HJKMNP-TV-Z]{25}$/;
/** Shorter words are base64 by chance. */
const MIN_BASE64_LENGTH = 16;
/** Longer texts are not parsed for the sake of a remark. */
const MAX_JSON_LENGTH = 65_536;

type Counts = { -readonly [Name in Exclude<keyof TextProfile, "lengths">]: number };

/** Gathers a {@link TextProfile}. */
export class TextGatherer {
  readonly #counts: Counts = {
    count: 0,
    minimumCharacters: Number.MAX_SAFE_INTEGER,
    maximumCharacters: 0,
    maximumBytes: 0,
    dates: 0,
    timestamps: 0,
    withOffset: 0,
    integers: 0,
    uuids: 0,
    timeOrdered: 0,
    json: 0,
    base64: 0,
  };
  readonly #lengths = new NumberSample();

  add(text: string): void {
    const counts = this.#counts;
    const characters = countCharacters(text);
    counts.count += 1;
    counts.minimumCharacters = Math.min(counts.minimumCharacters, characters);
    counts.maximumCharacters = Math.max(counts.maximumCharacters, characters);
    counts.maximumBytes = Math.max(counts.maximumBytes, Buffer.byteLength(text));
    this.#lengths.add(characters);
    this.#classify(text);
  }

  merge(other: TextProfile): void {
    const counts = this.#counts;
    for (const name of Object.keys(counts) as (keyof Counts)[]) {
      if (name === "minimumCharacters") counts[name] = Math.min(counts[name], other[name]);
      else if (name === "maximumCharacters" || name === "maximumBytes")
        counts[name] = Math.max(counts[name], other[name]);
      else counts[name] += other[name];
    }
    this.#lengths.merge(other.lengths);
  }

  get profile(): TextProfile {
    return { ...this.#counts, lengths: this.#lengths.state };
  }

  #classify(text: string): void {
    const counts = this.#counts;
    if (text.length === 10 && !Number.isNaN(parseDateAt(text, 0))) counts.dates += 1;
    else if (text.length >= 20 && text.length <= 64 && parseTimestamp(text) !== undefined) {
      counts.timestamps += 1;
      if (!/(?:[Zz]|[+-]00:00)$/.test(text)) counts.withOffset += 1;
    } else if (INTEGER.test(text)) counts.integers += 1;
    else if (text.length === 36) {
      const version = UUID.exec(text)?.[1];
      if (version !== undefined) counts.uuids += 1;
      if (version === "1" || version === "6" || version === "7") counts.timeOrdered += 1;
    } else if (ULID.test(text)) counts.timeOrdered += 1;
    else if (isJsonContainer(text)) counts.json += 1;
    else if (looksLikeBase64(text)) counts.base64 += 1;
  }
}

/** Words and names are base64 too if their length is right: bytes show capitals, small letters and other signs. */
function looksLikeBase64(text: string): boolean {
  const isMixed = /[A-Z]/.test(text) && /[a-z]/.test(text) && /[0-9+/=]/.test(text);
  return text.length >= MIN_BASE64_LENGTH && isMixed && isCanonicalBase64(text);
}

function isJsonContainer(text: string): boolean {
  if (text.length > MAX_JSON_LENGTH || !/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
