import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { orderTables } from "../schema/table-order";
import { log } from "./log";

/** The plan with its tables in the order in which rows are to be written; warns where no order will do. */
export function orderForWriting(mapped: MigrationPlan, schema: LiveSchema): MigrationPlan {
  const { plan, circular } = orderTables(mapped, schema);
  if (circular.length > 0) {
    log.warn(
      `Foreign keys of ${circular.join(", ")} refer to the table itself, or round in a circle: a row that comes before ` +
        "the one it refers to becomes a dead letter, which `replay` puts right once that one is there.",
    );
  }
  return plan;
}
