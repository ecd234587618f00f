import { readFileSync } from "node:fs";
import { MigrationError } from "../errors/migration-error";

/**
 * Reads a `--config` file: option names and their values, as JSON or YAML (JSON is YAML as well).
 * @throws MigrationError E_CONFIG_INVALID naming the file and, for a syntax error, the line
 */
export function readConfigFile(path: string): Record<string, unknown> {
  // Loaded here: that takes a fifth of the time in which `--help` answers, and few command lines name a file.
  const { parse } = require("yaml") as typeof import("yaml");
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
