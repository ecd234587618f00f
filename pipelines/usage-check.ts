import { MigrationError } from "../errors/migration-error";
import { didYouMean } from "../schema/closest-name";
import { readConfigFile } from "./config-file";
import { numberMistakes } from "./options";

/** What is wrong with a command line, gathered while it is parsed, so that the user hears of all of it at once. */
export interface UsageCheck {
  /** For `parser.config`: reads the file of `--config`. */
  readConfig(path: string): Record<string, unknown>;
  /** For `parser.fail`. Errors of the commands themselves pass through. */
  note(message: string | null, error: Error | undefined): void;
  /**
   * To be called before a command runs.
   * @param values those of the options
   * @throws MigrationError E_USAGE, E_CONFIG_INVALID
   */
  require(values: Readonly<Record<string, unknown>>): void;
}

/** @param knownNames what a mistyped option or command may have meant */
export function createUsageCheck(knownNames: readonly string[]): UsageCheck {
  const problems = new Set<string>();
  let configError: unknown;

  return {
    readConfig(path) {
      try {
        return readConfigFile(path);
      } catch (error) {
        // The parser keeps the message only, and goes on without the file: what else it then misses is no mistake.
        configError = error;
        throw error;
      }
    },
    note(message, error) {
      // The parser's own errors are told by their name: it exports no class.
      if (error !== undefined && error !== null && error.name !== "YError") throw error;
      for (const problem of withSuggestions(error?.message ?? message ?? "", knownNames)) problems.add(problem);
    },
    require(values) {
      if (configError !== undefined) throw configError;
      for (const mistake of numberMistakes(values)) problems.add(mistake);
      const [first, ...others] = problems;
      if (first === undefined) return;
      throw others.length === 0
        ? new MigrationError("E_USAGE", first)
        : new MigrationError("E_USAGE", "the command line has several mistakes", { details: [first, ...others] });
    },
  };
}

/** The parser names unknown options and words in one message, without a guess at what was meant. */
function withSuggestions(message: string, knownNames: readonly string[]): readonly string[] {
  const [, unknown] = /^Unknown arguments?: (.+)$/s.exec(message) ?? [];
  if (unknown === undefined) return [message.replace(/\s+/g, " ").trim()];
  return unknown.split(", ").map((name) => `Unknown argument: ${name}${didYouMean(name, knownNames)}`);
}
