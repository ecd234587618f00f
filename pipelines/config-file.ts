import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { MigrationError } from "../errors/migration-error";

/**
 * Reads a `--config` file: option names and their values, as JSON or YAML (JSON is YAML as well).
 * @throws MigrationError E_CONFIG_INVALID naming the file and, for a syntax error, the line
 */
export function readConfigFile(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new MigrationError("E_CONFIG_INVALID", `--config ${path}: ${(cause as Error).message}`, { cause });
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new MigrationError("E_CONFIG_INVALID", `--config ${path}: it must map option names to values`);
  }
  return content as Record<string, unknown>;
}
