const DAYS_IN_UNIT: Readonly<Record<string, number>> = { DAY: 1, WEEK: 7 };

/**
 * The days in a row deletion policy as Spanner shows it, such as `OLDER_THAN(TombstoneAt, INTERVAL 30 DAY)`,
 * `INTERVAL '30 days' ON "TombstoneAt"` or, as the emulator writes the same, `INTERVAL '4 WEEKS 2 DAYS' ON …`;
 * undefined if it is written otherwise.
 */
export function tombstoneDaysOf(policy: string): number | undefined {
  const interval = /INTERVAL\s+'?([^'),]+)/i.exec(policy)?.[1];
  if (interval === undefined) return undefined;
  const words = interval.trim().split(/\s+/);
  let days = 0;
  for (let index = 0; index < words.length; index += 2) {
    const [count = "", unit = ""] = words.slice(index, index + 2);
    const unitDays = DAYS_IN_UNIT[unit.toUpperCase().replace(/S$/, "")];
    if (!/^\d+$/.test(count) || unitDays === undefined) return undefined;
    days += Number(count) * unitDays;
  }
  return days;
}
