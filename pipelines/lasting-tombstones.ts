import { MigrationError } from "../errors/migration-error";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { findLiveTable } from "../schema/schema-difference";
import { tombstoneDaysOf } from "../schema/tombstone-policy";

const SECONDS_A_DAY = 24 * 3600;

/**
 * Refuses to stream if a tombstone may expire before the oldest message that the subscription can still deliver: an old
 * put would then find no version and bring a deleted row back. The same goes for old lines of an incremental export.
 *
 * @param retentionSeconds how long the subscription keeps messages; undefined, where it can't be seen, passes
 * @param source what is so old, and does what for so long
 * @throws MigrationError E_TOMBSTONES_TOO_SHORT with a line for each version table
 */
export function requireLastingTombstones(
  plan: MigrationPlan,
  schema: LiveSchema,
  retentionSeconds: number | undefined,
  source = "the subscription keeps messages",
): void {
  if (retentionSeconds === undefined) return;
  const details = plan.tables.flatMap(({ versionTable }) => {
    const policy = findLiveTable(schema, versionTable)?.rowDeletionPolicy;
    const days = policy === undefined ? undefined : tombstoneDaysOf(policy);
    return days === undefined || days * SECONDS_A_DAY >= retentionSeconds
      ? []
      : [`${versionTable} keeps tombstones for ${days} ${days === 1 ? "day" : "days"}`];
  });
  if (details.length === 0) return;
  const retention = Math.ceil(retentionSeconds / SECONDS_A_DAY);
  throw new MigrationError(
    "E_TOMBSTONES_TOO_SHORT",
    `${source} ${source.endsWith("changes") ? "of up to" : "for"} ${retention} days, longer than tombstones are kept`,
    { details },
  );
}
