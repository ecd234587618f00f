import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RehearsalSettings } from "./settings";

const SAMPLE = "sample/migration.mapping.json";

/** Writes the mapping, the tutorial's with an index, and the one file of options that every command of a migration takes. */
export async function writeConfiguration({
  mapping,
  config,
  folder,
  target,
  subscription,
  drainSeconds,
}: RehearsalSettings): Promise<void> {
  const { $schema: _, ...sample } = JSON.parse(await readFile(SAMPLE, "utf8")) as {
    readonly $schema: string;
    readonly tables: readonly object[];
  };
  const indexes = [{ name: "MigrationByZipcode", columns: ["Zipcode"], storing: ["PointsEarned"] }];
  const tables = sample.tables.map((table) => ({ ...table, indexes }));
  await writeFile(mapping, `${JSON.stringify({ ...sample, tables }, undefined, 2)}\n`);
  const options = {
    mapping,
    ...target,
    subscription,
    "dead-letters": join(folder, "dead-letters"),
    "drained-for": drainSeconds,
  };
  await writeFile(config, stringify(options));
}
