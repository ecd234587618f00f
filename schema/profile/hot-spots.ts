import { distinctEstimate } from "./hyper-log-log";
import type { ValueProfile } from "./value-profile";

/** https://cloud.google.com/spanner/docs/schema-design#primary-key-prevent-hotspots */
const REMEDIES =
  "New rows would all go to one end of the table, and so to one server. Remedies: put another key attribute first, " +
  "prefix the key with a hash of itself (a shard number in a column of your own), use random UUIDs (version 4), or " +
  "bit-reverse the number. See docs/profile.md.";

/** The sizes above which a run of numbers without gaps is taken for a counter. */
const COUNTER_SIZE = 20;
const COUNTER_DENSITY = 0.5;

/** Why rows whose primary key begins with these values would crowd together, or undefined. */
export function hotSpot(profile: ValueProfile): string | undefined {
  const { numbers, texts } = profile;
  const distinct = distinctEstimate(profile.distinct).count;
  const total = (numbers?.count ?? 0) + (texts?.count ?? 0);
  if (total === 0) return undefined;
  if (numbers !== undefined && numbers.count === total) {
    if (numbers.epochSeconds === total || numbers.epochMilliseconds === total) {
      return `its values look like moments since 1970. ${REMEDIES}`;
    }
    const span = Number(numbers.maximum) - Number(numbers.minimum) + 1;
    if (numbers.integers === total && distinct >= COUNTER_SIZE && distinct / span >= COUNTER_DENSITY) {
      return `its values look like a counter (${numbers.minimum} to ${numbers.maximum}, nearly without gaps). ${REMEDIES}`;
    }
  }
  if (texts !== undefined && texts.count === total) {
    if (texts.dates + texts.timestamps === total) return `its values are dates or points in time. ${REMEDIES}`;
    if (texts.timeOrdered === total) {
      return `its values begin with the time of their making (ULID, or UUID of version 1, 6 or 7). ${REMEDIES}`;
    }
  }
  return undefined;
}
