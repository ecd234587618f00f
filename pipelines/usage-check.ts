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

/**
 * @param words the command line
 * @param optionNames those of all commands: one that this command does not take may still stand in a `--config` file,
 *   which several commands share
 * @param commandNames what else a mistyped word may have meant
 */
export function createUsageCheck(
  words: readonly string[],
  optionNames: readonly string[],
  commandNames: readonly string[],
): UsageCheck {
  const problems = new Set<string>();
  const ofOtherCommands = new Set<string>();
  let configError: unknown;

  return {
    readConfig(path) {
      try {
        const config = readConfigFile(path);
        for (const name of optionNames) {
          if (Object.hasOwn(config, name) && !isTyped(words, name)) ofOtherCommands.add(name).add(camelCase(name));
        }
        return config;
      } catch (error) {
        // The parser keeps the message only, and goes on without the file: what else it then misses is no mistake.
        configError = error;
        throw error;
      }
    },
    note(message, error) {
      // The parser's own errors are told by their name: it exports no class.
      if (error !== undefined && error !== null && error.name !== "YError") throw error;
      const known = [...optionNames, ...commandNames];
      for (const problem of withSuggestions(error?.message ?? message ?? "", known, ofOtherCommands)) {
        problems.add(problem);
      }
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

/**
 * The parser names unknown options and words in one message, without a guess at what was meant.
 * @param permitted names that are no mistake
 */
function withSuggestions(
  message: string,
  knownNames: readonly string[],
  permitted: ReadonlySet<string>,
): readonly string[] {
  const [, unknown] = /^Unknown arguments?: (.+)$/s.exec(message) ?? [];
  if (unknown === undefined) return [message.replace(/\s+/g, " ").trim()];
  const names = unknown.split(", ");
  const twice = new Set(names.filter((name) => name.includes("-")).map(camelCase));
  return names
    .filter((name) => !permitted.has(name) && !twice.has(name))
    .map((name) => {
      const hint = knownNames.includes(name) ? "; other commands take it" : didYouMean(name, knownNames);
      return `Unknown argument: ${name}${hint}`;
    });
}

/** Whether an option stands on the command line itself, in any of the forms that the parser takes. */
function isTyped(words: readonly string[], name: string): boolean {
  const forms = [name, camelCase(name)].flatMap((each) => [`--${each}`, `--no-${each}`]);
  return words.some((word) => forms.includes(word.replace(/=.*$/s, "")));
}

/** The parser knows each option by this name as well. */
function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
