import { randomBytes } from "node:crypto";
import type { Dialect } from "../../schema/column-type";
import type { LocalServer } from "../../scripts/emulators/server-process";
import {
  createInstanceAndDatabase,
  type EmulatorDatabase,
  emulatorClientEnvironment,
} from "../../scripts/emulators/spanner-database";
import { startSpannerEmulator } from "../../scripts/emulators/spanner-emulator";

const project = "test-project";
const instance = "test-instance";

let emulator: Promise<LocalServer> | undefined;

Object.assign(process.env, emulatorClientEnvironment);

/** Starts the emulator of this mocha process at its first call; SPANNER_EMULATOR_HOST names it from then on. */
export function spannerEmulator(): Promise<LocalServer> {
  emulator ??= startSpannerEmulator().then((server) => {
    process.env["SPANNER_EMULATOR_HOST"] = server.address;
    return server;
  });
  return emulator;
}

/** A new, empty database of its own, with the tables of `ddl`. */
export async function createTestDatabase(
  ddl: readonly string[],
  options: { readonly dialect?: Dialect } = {},
): Promise<EmulatorDatabase> {
  await spannerEmulator();
  const database = { project, instance, database: `test-${randomBytes(8).toString("hex")}` };
  await createInstanceAndDatabase(database, { ddl, ...options });
  return database;
}

// This module is loaded while mocha reads the test files, so that the hook belongs to the whole run.
after(async () => {
  await (await emulator)?.stop();
});
