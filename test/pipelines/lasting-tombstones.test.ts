import { expect } from "chai";
import type { MigrationError } from "../../errors/migration-error";
import { requireLastingTombstones } from "../../pipelines/lasting-tombstones";
import type { LiveSchema } from "../../schema/live-schema";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";

const DAY = 24 * 3600;
const plan = planMigration(
  parseMapping(
    JSON.stringify({
      source: { table: "T", partitionKey: "K" },
      tables: [{ name: "T", primaryKey: ["K"], columns: { K: { type: "STRING(64)" } } }],
    }),
    "mapping.json",
  ),
);

function schemaWith(rowDeletionPolicy: string | undefined): LiveSchema {
  const versions = { isView: false, columns: [], primaryKey: [], indexes: [] };
  return {
    dialect: "googlesql",
    tables: [{ ...versions, name: "T_Versions", ...(rowDeletionPolicy === undefined ? {} : { rowDeletionPolicy }) }],
  };
}

describe("how long tombstones last", () => {
  const policy = (days: number) => `OLDER_THAN(TombstoneAt, INTERVAL ${days} DAY)`;

  it("refuses tombstones that expire before the subscription's messages", () => {
    const attempt = () => requireLastingTombstones(plan, schemaWith(policy(6)), 7 * DAY);
    expect(attempt).to.throw("the subscription keeps messages for 7 days");
    try {
      attempt();
    } catch (error) {
      expect((error as MigrationError).code).to.equal("E_TOMBSTONES_TOO_SHORT");
      expect((error as MigrationError).details).to.deep.equal(["T_Versions keeps tombstones for 6 days"]);
    }
  });

  it("takes those that last as long, or for ever", () => {
    requireLastingTombstones(plan, schemaWith(policy(7)), 7 * DAY);
    requireLastingTombstones(plan, schemaWith(undefined), 7 * DAY);
  });

  it("can't judge a subscription that it may not see", () => {
    requireLastingTombstones(plan, schemaWith(policy(1)), undefined);
  });
});
