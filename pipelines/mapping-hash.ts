import { createHash } from "node:crypto";
import type { MigrationPlan } from "../schema/migration-plan";

/** A hash that two mappings share only if they mean the same; comments and defaults that are written out don't count. */
export function mappingHash(plan: MigrationPlan): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}
