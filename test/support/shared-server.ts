import { MigrationError } from "../../errors/migration-error";
import type { LocalServer } from "../../scripts/emulators/server-process";

/** The first use on a machine downloads or builds the server. */
const firstStartMilliseconds = 10 * 60 * 1000;

export interface SharedServer {
  /** Starts the server at its first call; the variables of its environment are set from then on. */
  running(): Promise<LocalServer>;
  /**
   * Called in a `describe` block: its tests run with the server, or are skipped where the machine can't have it (with
   * a line that says what to install). Where the variable CI is set, nothing is skipped: the tests fail instead.
   */
  use(): void;
}

/**
 * One server for the whole mocha process, started when it is first needed and stopped after the last test.
 *
 * To be called while a module is loaded (not in a test), so that the stopping hook belongs to the whole run.
 *
 * @param environment what the server's clients, here and in child processes, find it by.
 */
export function sharedServer(
  start: () => Promise<LocalServer>,
  environment: (address: string) => Readonly<Record<string, string>>,
): SharedServer {
  let server: Promise<LocalServer> | undefined;
  const running = (): Promise<LocalServer> => {
    server ??= start().then((started) => {
      Object.assign(process.env, environment(started.address));
      return started;
    });
    return server;
  };
  after(async () => {
    // A start that failed has failed its tests already.
    await (await server?.catch(() => undefined))?.stop();
  });
  return {
    running,
    use: () => {
      before(async function () {
        this.timeout(firstStartMilliseconds);
        await running().catch((error: unknown) => {
          if (!isMissing(error) || process.env["CI"]) throw error;
          process.stderr.write(`Skipped: ${this.test?.parent?.fullTitle()}. ${error.message}\n`);
          this.skip();
        });
      });
    },
  };
}

function isMissing(error: unknown): error is MigrationError {
  return error instanceof MigrationError && error.code === "E_EMULATOR_MISSING";
}
