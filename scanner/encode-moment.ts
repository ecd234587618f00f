import {
  calendarDate,
  daysInMonth,
  formatTimestamp,
  isWithinTimestampRange,
  NANOSECONDS_PER_SECOND,
  SECONDS_PER_DAY,
} from "../schema/date-time";
import type { EpochUnit } from "../schema/migration-plan";
import type { SpanRowEncoder } from "../spanner/span-row-encoder";
import { Tag } from "./attribute-tag";
import { decimalShape, SHAPE_FACTOR, shortDouble } from "./decimal-span";
import type { SpanEncoder } from "./span-encoder";

const DASH = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const T = 0x54;
const Z = 0x5a;

/** `YYYY-MM-DD` */
const DATE_LENGTH = 10;
/** `YYYY-MM-DDTHH:MM:SS` */
const SECONDS_LENGTH = 19;
const MAX_FRACTION_DIGITS = 9;

/** As `compileDateConverter`, without its Numbers. */
export const encodeDate: SpanEncoder = (rows, bytes, tag, start, end) => {
  if (tag !== Tag.string || end - start !== DATE_LENGTH || !isDate(bytes, start)) return false;
  rows.textSpan(bytes, start, end);
  return true;
};

/**
 * As `compileTimestampConverter`, for Strings in UTC and Numbers without a fraction.
 *
 * @param isKey a key column takes a String only if it stays as it is
 */
export function compileTimestampEncoder(epoch: EpochUnit | undefined, isKey: boolean): SpanEncoder {
  return function encodeTimestamp(rows, bytes, tag, start, end) {
    if (tag === Tag.string) return encodeText(rows, bytes, start, end, isKey);
    return tag === Tag.number && epoch !== undefined && encodeEpoch(rows, bytes, start, end, epoch);
  };
}

function encodeText(rows: SpanRowEncoder, bytes: Buffer, start: number, end: number, isKey: boolean): boolean {
  const fraction = start + SECONDS_LENGTH;
  if (fraction >= end || bytes[end - 1] !== Z || !isDate(bytes, start) || !isTime(bytes, start + DATE_LENGTH)) {
    return false;
  }
  if (bytes[fraction] === Z) {
    if (fraction !== end - 1) return false;
    rows.textSpan(bytes, start, end);
    return true;
  }
  const digits = end - 1 - (fraction + 1);
  if (bytes[fraction] !== POINT || digits < 1 || digits > MAX_FRACTION_DIGITS) return false;
  if (numberAt(bytes, fraction + 1, digits) === -1) return false;
  let kept = end - 1;
  while (bytes[kept - 1] === ZERO) kept--;
  if (kept === end - 1) {
    rows.textSpan(bytes, start, end);
    return true;
  }
  if (isKey) return false;
  // A fraction of nothing but zeros goes with its point.
  if (kept === fraction + 1) kept = fraction;
  const length = kept - start + 1;
  const first = rows.reserveText(length);
  const { target } = rows;
  for (let at = 0; at < length - 1; at++) target[first + at] = bytes[start + at] as number;
  target[first + length - 1] = Z;
  rows.endText(first, first + length);
  return true;
}

const UNITS_PER_SECOND: Readonly<Record<EpochUnit, number>> = {
  seconds: 1,
  milliseconds: 1e3,
  microseconds: 1e6,
  nanoseconds: 1e9,
};

function encodeEpoch(rows: SpanRowEncoder, bytes: Buffer, start: number, end: number, epoch: EpochUnit): boolean {
  const shape = decimalShape(bytes, start, end);
  if (shape === -1 || shape % SHAPE_FACTOR !== 0) return false;
  const count = shortDouble(bytes, start, end, shape);
  if (Number.isNaN(count)) return false;
  const perSecond = UNITS_PER_SECOND[epoch];
  const seconds = Math.floor(count / perSecond);
  const nanoseconds = (count - seconds * perSecond) * (NANOSECONDS_PER_SECOND / perSecond);
  const moment = { seconds, nanoseconds };
  if (!isWithinTimestampRange(moment)) return false;
  if (nanoseconds === 0) writeSecond(rows, seconds);
  else rows.text(formatTimestamp(moment));
  return true;
}

/** As `formatTimestamp` of a whole second, without a string. */
function writeSecond(rows: SpanRowEncoder, seconds: number): void {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const second = seconds - days * SECONDS_PER_DAY;
  const date = calendarDate(days);
  const first = rows.reserveText(SECONDS_LENGTH + 1);
  const { target } = rows;
  writeDigits(target, first, 4, Math.floor(date / 10_000), DASH);
  writeDigits(target, first + 5, 2, Math.floor(date / 100) % 100, DASH);
  writeDigits(target, first + 8, 2, date % 100, T);
  writeDigits(target, first + 11, 2, Math.floor(second / 3600), COLON);
  writeDigits(target, first + 14, 2, Math.floor(second / 60) % 60, COLON);
  writeDigits(target, first + 17, 2, second % 60, Z);
  rows.endText(first, first + SECONDS_LENGTH + 1);
}

function writeDigits(target: Uint8Array, at: number, length: number, value: number, next: number): void {
  let rest = value;
  for (let index = at + length - 1; index >= at; index--) {
    target[index] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  target[at + length] = next;
}

function isDate(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 4] !== DASH || bytes[at + 7] !== DASH) return false;
  const year = numberAt(bytes, at, 4);
  const month = numberAt(bytes, at + 5, 2);
  const day = numberAt(bytes, at + 8, 2);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** @param at of the `T` */
function isTime(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== T || bytes[at + 3] !== COLON || bytes[at + 6] !== COLON) return false;
  return (
    isWithin(numberAt(bytes, at + 1, 2), 23) &&
    isWithin(numberAt(bytes, at + 4, 2), 59) &&
    isWithin(numberAt(bytes, at + 7, 2), 59)
  );
}

function isWithin(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** The number that `length` digits stand for; -1 if something else stands there. */
function numberAt(bytes: Uint8Array, start: number, length: number): number {
  let value = 0;
  for (let at = start; at < start + length; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}
