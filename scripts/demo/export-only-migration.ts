import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Database } from "@google-cloud/spanner";
import { writeFakeExport } from "../fake-data/fake-export";
import { besideTheirRows, firstItems } from "./compare-items";
import { heading, runCommand, say } from "./narration";
import { demo, targetWords } from "./settings";

/**
 * The shorter demonstration, for a machine without DynamoDB Local or Pub/Sub: an export of made-up items is loaded.
 * @returns the exit code: that of the first command which did not succeed
 */
export async function migrateExport(database: Database): Promise<number> {
  heading(`Make an export of ${demo.items.toLocaleString("en-US")} items, as DynamoDB writes it to S3`);
  await rm(demo.folder, { recursive: true, force: true });
  const input = join(demo.folder, "export");
  const written = await writeFakeExport({
    set: "tutorial",
    items: demo.items,
    seed: demo.seed,
    files: 4,
    folder: input,
  });
  say(`${written.path}: ${written.files.length} data files, two manifests`);

  heading("Create the tables that the mapping needs");
  const applied = await runCommand(["schema", "apply", "--mapping", demo.mapping, ...targetWords]);
  if (applied !== 0) return applied;

  heading("Load the export");
  const loaded = await runCommand([
    ...["bulk", "--mapping", demo.mapping, "--input", input, ...targetWords],
    ...["--dead-letters", join(demo.folder, "dead-letters"), "--summary", join(demo.folder, "bulk-summary.json")],
  ]);
  if (loaded !== 0) return loaded;

  heading("See for yourself");
  const [[counted]] = await database.run({ sql: "SELECT COUNT(*) AS n FROM Migration", json: true });
  const rows = Number((counted as { readonly n: number }).n);
  say(`Spanner counts ${rows.toLocaleString("en-US")} rows. Two of them beside their items:`);
  const [file] = written.files;
  if (file !== undefined) {
    const items = await firstItems(join(written.path, "data", basename(file.dataFileS3Key)), 2);
    process.stdout.write(`${await besideTheirRows(database, items)}\n`);
  }
  return 0;
}
