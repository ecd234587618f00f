import { join } from "node:path";
import type { LiveTable } from "../demo/live-table";
import { itemSets } from "../fake-data/item-set";

/** What a rehearsal is made with. */
export interface RehearsalSettings extends LiveTable {
  /** The mapping file, and the file for `--config` that all commands share. */
  readonly mapping: string;
  readonly config: string;
  /** Seconds without a message after which the stream counts as drained: short, as the emulator delivers at once. */
  readonly drainSeconds: number;
}

export const DEFAULT_ITEMS = 10_000;
export const DEFAULT_FOLDER = "rehearsal-data";

export function rehearsalSettings(items: number, folder: string): RehearsalSettings {
  return {
    items,
    folder,
    seed: 2,
    set: itemSets.tutorial,
    mapping: join(folder, "mapping.json"),
    config: join(folder, "migration.yaml"),
    target: { project: "rehearsal-project", instance: "rehearsal-instance", database: "rehearsal" },
    topic: "rehearsal-changes",
    subscription: "rehearsal-to-spanner",
    drainSeconds: 8,
  };
}
