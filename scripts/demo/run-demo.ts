import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Spanner } from "@google-cloud/spanner";
import { startLocalServers } from "../emulators/local-servers";
import { createInstanceAndDatabase } from "../emulators/spanner-database";
import { writeFakeExport } from "../fake-data/fake-export";
import { besideTheirRows, firstItems } from "./compare-items";
import { heading, runCommand, say } from "./narration";

const ITEMS = 25_000;
const FOLDER = "demo-data";
const MAPPING = "sample/migration.mapping.json";
const target = { project: "demo-project", instance: "demo-instance", database: "migration" } as const;
const targetWords = ["--project", target.project, "--instance", target.instance, "--database", target.database];

/**
 * A whole migration on this machine: an export of made-up items, the schema, the load, and the proof.
 * @returns the exit code: that of the first command which did not succeed
 */
export async function runDemo(): Promise<number> {
  heading("Start the Spanner emulator");
  const servers = await startLocalServers(["spanner"]);
  const [missing] = servers.missing;
  if (missing !== undefined) throw missing.error;
  Object.assign(process.env, servers.environment);
  try {
    await createInstanceAndDatabase(target);
    say(`It answers at ${servers.addresses.get("spanner")}.`);
    return await migrate();
  } finally {
    await servers.stop();
  }
}

async function migrate(): Promise<number> {
  heading(`Make an export of ${ITEMS.toLocaleString("en-US")} items, as DynamoDB writes it to S3`);
  await rm(FOLDER, { recursive: true, force: true });
  const input = join(FOLDER, "export");
  const written = await writeFakeExport({ set: "tutorial", items: ITEMS, seed: 1, files: 4, folder: input });
  say(`${written.path}: ${written.files.length} data files, two manifests`);

  heading("Create the tables that the mapping needs");
  const applied = await runCommand(["schema", "apply", "--mapping", MAPPING, ...targetWords]);
  if (applied !== 0) return applied;

  heading("Load the export");
  const summary = join(FOLDER, "summary.json");
  const deadLetters = join(FOLDER, "dead-letters");
  const loaded = await runCommand([
    ...["bulk", "--mapping", MAPPING, "--input", input, ...targetWords],
    ...["--dead-letters", deadLetters, "--summary", summary],
  ]);
  if (loaded !== 0) return loaded;

  heading("See for yourself");
  const spanner = new Spanner({ projectId: target.project });
  const database = spanner.instance(target.instance).database(target.database);
  try {
    const [[counted]] = await database.run({ sql: "SELECT COUNT(*) AS n FROM Migration", json: true });
    say(
      `Spanner counts ${Number((counted as { n: number }).n).toLocaleString("en-US")} rows. Two of them beside their items:`,
    );
    const [file] = written.files;
    const dataFile = file && join(written.path, "data", basename(file.dataFileS3Key));
    if (dataFile !== undefined)
      process.stdout.write(`${await besideTheirRows(database, await firstItems(dataFile, 2))}\n`);
  } finally {
    await database.close();
    spanner.close();
  }
  whatNext();
  return 0;
}

function whatNext(): void {
  heading("What next");
  say("Your own table: write a mapping like sample/migration.mapping.json (docs/mapping.md), then follow the README.");
  say("A local playground: `make emulators` starts the servers and prints what to export.");
}
