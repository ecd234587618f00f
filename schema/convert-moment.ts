import type { ColumnType } from "./column-type";
import { ConversionError } from "./conversion-error";
import {
  formatDate,
  formatTimestamp,
  isWithinTimestampRange,
  MAX_DAY,
  MIN_DAY,
  type Moment,
  NANOSECONDS_PER_SECOND,
  nextNanosecond,
  parseDateAt,
  parseTimestamp,
  SECONDS_PER_DAY,
} from "./date-time";
import { isInteger, magnitude, parseDecimal, roundDecimal, scaleDecimal, toBigInt } from "./decimal";
import type { EpochUnit } from "./migration-plan";
import { type ConversionOptions, refuseLoss, refuseRange, refuseType, type ValueConverter } from "./value-converter";

const DATE_RANGE = "0001-01-01 to 9999-12-31";
const TIMESTAMP_RANGE = "0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";

/** Decimal places between each unit and nanoseconds. */
const NANOSECOND_PLACES: Readonly<Record<EpochUnit, number>> = {
  seconds: 9,
  milliseconds: 6,
  microseconds: 3,
  nanoseconds: 0,
};

/** No moment of Spanner's range is 10^21 nanoseconds away from 1970 (9999 is 2.5 × 10^20). */
const MAX_NANOSECOND_MAGNITUDE = 20;

/**
 * To DATE, as `YYYY-MM-DD`: a String in that very form, or a Number that counts `epoch` units to a midnight in UTC.
 * `lossy` takes the day in UTC in which the moment lies.
 */
export function compileDateConverter(type: ColumnType, { epoch, lossy }: ConversionOptions): ValueConverter {
  return function toDate(value) {
    if (value.S !== undefined) {
      if (value.S.length === 10 && !Number.isNaN(parseDateAt(value.S, 0))) return value.S;
      throw new ConversionError("E_CONVERSION_NOT_A_DATE", "the text is no calendar date written as YYYY-MM-DD");
    }
    if (value.NULL !== undefined) return null;
    if (value.N === undefined) throw refuseType(value, type);
    const { seconds, nanoseconds } = momentOf(value.N, epoch, lossy, type);
    const days = Math.floor(seconds / SECONDS_PER_DAY);
    if (!lossy && (nanoseconds !== 0 || days * SECONDS_PER_DAY !== seconds)) {
      throw refuseLoss(type, "it is no midnight in UTC");
    }
    if (days < MIN_DAY || days > MAX_DAY) throw refuseRange(type, DATE_RANGE);
    return formatDate(days);
  };
}

/**
 * To TIMESTAMP, as RFC 3339 in UTC: a String with a point in time as RFC 3339 writes it, or a Number that counts
 * `epoch` units. `lossy` rounds to the nearest nanosecond.
 */
export function compileTimestampConverter(type: ColumnType, { epoch, lossy }: ConversionOptions): ValueConverter {
  return function toTimestamp(value) {
    if (value.NULL !== undefined) return null;
    let moment: Moment;
    if (value.S !== undefined) moment = momentOfText(value.S, lossy, type);
    else if (value.N !== undefined) moment = momentOf(value.N, epoch, lossy, type);
    else throw refuseType(value, type);
    if (!isWithinTimestampRange(moment)) throw refuseRange(type, TIMESTAMP_RANGE);
    return formatTimestamp(moment);
  };
}

function momentOfText(text: string, lossy: boolean, type: ColumnType): Moment {
  const parsed = parseTimestamp(text);
  if (parsed === undefined) {
    throw new ConversionError(
      "E_CONVERSION_NOT_A_TIMESTAMP",
      "the text is no point in time as RFC 3339 writes it, with Z or an offset",
    );
  }
  if (parsed.remainder === "exact") return parsed;
  if (!lossy) throw refuseLoss(type, "it has more than nine digits behind the second");
  return parsed.remainder === "half or more" ? nextNanosecond(parsed) : parsed;
}

function momentOf(text: string, epoch: EpochUnit | undefined, lossy: boolean, type: ColumnType): Moment {
  if (epoch === undefined) {
    throw new ConversionError("E_CONVERSION_NO_EPOCH", "the mapping does not say what the Number (N) counts");
  }
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw new ConversionError("E_ITEM_NOT_A_NUMBER", "the Number (N) is not a decimal number");
  let scaled = scaleDecimal(decimal, NANOSECOND_PLACES[epoch]);
  if (!isInteger(scaled)) {
    if (!lossy) throw refuseLoss(type, "it has a fraction of a nanosecond");
    scaled = roundDecimal(scaled, 0);
  }
  // The comparison of magnitudes keeps the integer short enough to be made.
  if (magnitude(scaled) > MAX_NANOSECOND_MAGNITUDE) {
    throw refuseRange(type, type.kind === "DATE" ? DATE_RANGE : TIMESTAMP_RANGE);
  }
  return momentFromNanoseconds(toBigInt(scaled));
}

function momentFromNanoseconds(total: bigint): Moment {
  const perSecond = BigInt(NANOSECONDS_PER_SECOND);
  const remainder = total % perSecond;
  const nanoseconds = remainder < 0n ? remainder + perSecond : remainder;
  const seconds = Number((total - nanoseconds) / perSecond);
  return { seconds, nanoseconds: Number(nanoseconds) };
}
