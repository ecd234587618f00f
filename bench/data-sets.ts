import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { MANIFEST_SUMMARY_NAME } from "../export/manifest";
import { writeFakeExport } from "../scripts/fake-data/fake-export";
import type { ItemSetName } from "../scripts/fake-data/item-set";

/** Made-up items, the same on every machine. */
export interface DataSet {
  readonly set: Extract<ItemSetName, "tutorial" | "wide">;
  readonly items: number;
}

/** Where data sets are kept, below the project's root: to make the largest takes a minute. */
export const DATA_FOLDER = "demo-data/bench";

/** Enough that a file is no bottleneck, few enough that each is read for a while. */
const FILES = 4;

/** The export of a data set below `folder`, made if it is not there yet. */
export async function openDataSet(folder: string, { set, items }: DataSet): Promise<string> {
  const path = join(folder, `${set}-${items}`);
  if (!(await isWhole(path))) {
    await mkdir(path, { recursive: true });
    await writeFakeExport({ set, items, seed: 1, files: FILES, folder: path });
  }
  return path;
}

/** The summary is written last: an export that was interrupted has none. */
async function isWhole(path: string): Promise<boolean> {
  const exports = join(path, "AWSDynamoDB");
  const ids = await readdir(exports).catch(() => []);
  return ids.some((id) => existsSync(join(exports, id, MANIFEST_SUMMARY_NAME)));
}
