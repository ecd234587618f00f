/** A point in time: whole seconds since 1970-01-01T00:00:00Z (negative before) and nanoseconds within that second. */
export interface Moment {
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

export const SECONDS_PER_DAY = 86_400;
export const NANOSECONDS_PER_SECOND = 1_000_000_000;

/**
 * Spanner's DATE and TIMESTAMP reach from year 1 to year 9999
 * (https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#timestamp_type).
 */
export const MIN_DAY = daysSinceEpoch(1, 1, 1);
export const MAX_DAY = daysSinceEpoch(9999, 12, 31);
export const MIN_SECOND = MIN_DAY * SECONDS_PER_DAY;
export const MAX_SECOND = (MAX_DAY + 1) * SECONDS_PER_DAY - 1;

/** Days from 1970-01-01 to a date of the Gregorian calendar, extended to years before its introduction. */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  // Years start in March here, so that the leap day is a year's last.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Two digits of each number below 100. */
const PAIRS: readonly string[] = Array.from({ length: 100 }, (_, number) => pad(number, 2));

/** `YYYY-MM-DD` of a day counted from 1970-01-01, from `MIN_DAY` to `MAX_DAY`. */
export function formatDate(days: number): string {
  const date = calendarDate(days);
  const year = Math.floor(date / 10_000);
  return `${year < 1000 ? pad(year, 4) : year}-${PAIRS[Math.floor(date / 100) % 100]}-${PAIRS[date % 100]}`;
}

/** The same as a number whose decimal digits are `YYYYMMDD`. */
export function calendarDate(days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 10_000 + month * 100 + day;
}

/** RFC 3339 in UTC: `2024-02-29T23:59:59.5Z`, the fraction without trailing zeros. */
export function formatTimestamp({ seconds, nanoseconds }: Moment): string {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const second = seconds - days * SECONDS_PER_DAY;
  const time = `${PAIRS[Math.floor(second / 3600)]}:${PAIRS[Math.floor(second / 60) % 60]}:${PAIRS[second % 60]}`;
  const fraction = nanoseconds === 0 ? "" : `.${pad(nanoseconds, 9).replace(/0+$/, "")}`;
  return `${formatDate(days)}T${time}${fraction}Z`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/**
 * Days since 1970-01-01 of a calendar date that `text` holds as `YYYY-MM-DD` at `start`.
 * @returns NaN if there is none: other form, year 0, month 13, 30 February
 */
export function parseDateAt(text: string, start: number): number {
  const year = numberAt(text, start, 4);
  const month = numberAt(text, start + 5, 2);
  const day = numberAt(text, start + 8, 2);
  if (text.charCodeAt(start + 4) !== 0x2d || text.charCodeAt(start + 7) !== 0x2d) return Number.NaN;
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  return daysSinceEpoch(year, month, day);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The number that `length` digits at `start` stand for; NaN if something else stands there. */
function numberAt(text: string, start: number, length: number): number {
  let value = 0;
  for (let at = start; at < start + length; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** What `parseTimestamp` found: a moment cut to nanoseconds, and the digits behind the ninth. */
export interface ParsedTimestamp extends Moment {
  /** `exact`: nothing but zeros was cut; `below half` and `half or more` of a nanosecond otherwise. */
  readonly remainder: "exact" | "below half" | "half or more";
}

/**
 * Reads a point in time as RFC 3339 writes it: date, `T`, time, fraction of any length, and `Z` or an offset. A leap
 * second (`:60`), an hour 24 and a missing offset are refused; the result may lie outside Spanner's range.
 * @returns undefined if `text` is no such point in time
 */
export function parseTimestamp(text: string): ParsedTimestamp | undefined {
  const days = parseDateAt(text, 0);
  const hour = numberAt(text, 11, 2);
  const minute = numberAt(text, 14, 2);
  const second = numberAt(text, 17, 2);
  const isTime = hour <= 23 && minute <= 59 && second <= 59;
  if (Number.isNaN(days) || !isTime || !isLetter(text, 10, 0x54)) return undefined;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return undefined;
  const fractionEnd = endOfFraction(text, 19);
  const offset = parseOffset(text, fractionEnd);
  if (Number.isNaN(offset)) return undefined;
  const seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
  if (fractionEnd === 19) return { seconds, nanoseconds: 0, remainder: "exact" };
  const digits = text.slice(20, fractionEnd);
  const nanoseconds = Number(digits.slice(0, 9).padEnd(9, "0"));
  return { seconds, nanoseconds, remainder: classifyRemainder(digits.slice(9)) };
}

/** RFC 3339 lets `T` and `Z` be lower-case. */
function isLetter(text: string, at: number, upperCase: number): boolean {
  return (text.charCodeAt(at) & ~0x20) === upperCase;
}

/** Where a fraction of the second that starts at `start` ends; `start` if there is none or no digit in it. */
function endOfFraction(text: string, start: number): number {
  if (text.charCodeAt(start) !== 0x2e) return start;
  let end = start + 1;
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end += 1;
  return end === start + 1 ? start : end;
}

/** Seconds east of UTC of the offset that fills the rest of `text`; NaN if it is none. */
function parseOffset(text: string, start: number): number {
  if (isLetter(text, start, 0x5a)) return text.length === start + 1 ? 0 : Number.NaN;
  const sign = text.charCodeAt(start) === 0x2b ? 1 : text.charCodeAt(start) === 0x2d ? -1 : Number.NaN;
  const hours = numberAt(text, start + 1, 2);
  const minutes = numberAt(text, start + 4, 2);
  const isOffset = text.length === start + 6 && text.charCodeAt(start + 3) === 0x3a && hours <= 23 && minutes <= 59;
  return isOffset ? sign * (hours * 3600 + minutes * 60) : Number.NaN;
}

function classifyRemainder(digits: string): ParsedTimestamp["remainder"] {
  if (/^0*$/.test(digits)) return "exact";
  return digits.charCodeAt(0) >= 0x35 ? "half or more" : "below half";
}

/** The moment, one nanosecond later. */
export function nextNanosecond({ seconds, nanoseconds }: Moment): Moment {
  if (nanoseconds + 1 < NANOSECONDS_PER_SECOND) return { seconds, nanoseconds: nanoseconds + 1 };
  return { seconds: seconds + 1, nanoseconds: 0 };
}

export function isWithinTimestampRange({ seconds }: Moment): boolean {
  return seconds >= MIN_SECOND && seconds <= MAX_SECOND;
}
