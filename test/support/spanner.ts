import { randomBytes } from "node:crypto";
import type { Dialect } from "../../schema/column-type";
import {
  createInstanceAndDatabase,
  type EmulatorDatabase,
  emulatorClientEnvironment,
} from "../../scripts/emulators/spanner-database";
import { startSpannerEmulator } from "../../scripts/emulators/spanner-emulator";
import { sharedServer } from "./shared-server";

const project = "test-project";

/** An instance takes 100 databases (https://cloud.google.com/spanner/quotas#database_limits), also on the emulator. */
const databasesPerInstance = 100;
let databases = 0;

/** Sets SPANNER_EMULATOR_HOST. */
export const spannerEmulator = sharedServer(startSpannerEmulator, (address) => ({ SPANNER_EMULATOR_HOST: address }));

// The client reads some of these before the emulator runs.
Object.assign(process.env, emulatorClientEnvironment);

/** A new, empty database of its own, with the tables of `ddl`, on the emulator of this mocha process. */
export async function createTestDatabase(
  ddl: readonly string[],
  options: { readonly dialect?: Dialect } = {},
): Promise<EmulatorDatabase> {
  await spannerEmulator.running();
  const instance = `test-instance-${Math.floor(databases++ / databasesPerInstance)}`;
  const database = { project, instance, database: `test-${randomBytes(8).toString("hex")}` };
  await createInstanceAndDatabase(database, { ddl, ...options });
  return database;
}
