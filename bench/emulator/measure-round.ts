import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { readMappingFile } from "../../pipelines/mapping-file";
import { ddlStatements, progressStatements } from "../../schema/ddl";
import { createInstanceAndDatabase, type EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { mappingOf } from "../subjects";

const run = promisify(execFile);

/** Seconds that the same rows have taken, one after the other. */
export interface Round {
  /** From the first commit to the last answer; see `peers/emulator-limit.ts`. */
  readonly limit: number;
  /** Of the whole command, without the start of the process: connection, schema, rows, records of progress. */
  readonly bulk: number;
}

/**
 * Writes an export of `tutorial` items twice, each time into a new database of the emulator that the environment names.
 *
 * @throws Error with what a program said, if it fails
 */
export async function measureRound(input: string, workFolder: string): Promise<Round> {
  const first = await createDatabase();
  const { stdout } = await run(process.execPath, [
    join(__dirname, "../peers/emulator-limit.js"),
    ...[input, first.project, first.instance, first.database],
  ]);
  const { project, instance, database } = await createDatabase();
  const summary = join(workFolder, "summary.json");
  await run(process.execPath, [
    join(__dirname, "../../pipelines/main.js"),
    ...["bulk", "--exclusive", "--quiet", "--project", project, "--instance", instance, "--database", database],
    ...["--mapping", mappingOf("tutorial"), "--input", input, "--summary", summary],
    ...["--dead-letters", join(workFolder, "dead-letters")],
  ]);
  const { elapsedSeconds } = JSON.parse(await readFile(summary, "utf8")) as { elapsedSeconds: number };
  return { limit: Number(stdout), bulk: elapsedSeconds };
}

async function createDatabase(): Promise<EmulatorDatabase> {
  const target = { project: "bench", instance: "bench", database: `bench-${randomBytes(4).toString("hex")}` };
  const { tables } = ddlStatements(readMappingFile(mappingOf("tutorial")), "googlesql");
  await createInstanceAndDatabase(target, { ddl: [...tables, ...progressStatements("googlesql")] });
  return target;
}
