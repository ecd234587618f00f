import { itemSets } from "../fake-data/item-set";

/** What the demonstration is made with. */
export const demo = {
  items: 25_000,
  seed: 1,
  set: itemSets.tutorial,
  mapping: "sample/migration.mapping.json",
  folder: "demo-data",
  target: { project: "demo-project", instance: "demo-instance", database: "migration" },
  topic: "migration-changes",
  subscription: "migration-to-spanner",
} as const;

/** The options that name the demonstration's database. */
export const targetWords: readonly string[] = [
  ...["--project", demo.target.project],
  ...["--instance", demo.target.instance],
  ...["--database", demo.target.database],
];
