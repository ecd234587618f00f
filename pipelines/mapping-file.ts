import { readFileSync } from "node:fs";
import { MigrationError } from "../errors/migration-error";
import { parseMapping } from "../schema/mapping";
import type { MigrationPlan } from "../schema/migration-plan";
import { planMigration } from "../schema/plan-migration";

/**
 * Reads a mapping file and completes it.
 * @throws MigrationError E_MAPPING_UNREADABLE; E_MAPPING_INVALID with every mistake and its line
 */
export function readMappingFile(path: string): MigrationPlan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new MigrationError("E_MAPPING_UNREADABLE", `--mapping ${path} can't be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  return planMigration(parseMapping(text, path));
}
