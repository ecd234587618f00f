import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { MutationSet, Spanner } from "@google-cloud/spanner";
import { type PlainConversion, type PlainItem, type PlainRow, tutorialRow, wideRow } from "./plain-rows";

/**
 * The plainest loader that one would write by hand: gunzip, split, JSON.parse, and the official client's mutations, in
 * commits of 1,000 rows, six at a time. It proves nothing and checks nothing.
 *
 *     node plain-load.js tutorial|wide EXPORT TABLE
 */
const ROWS_PER_COMMIT = 1000;
const COMMITS_IN_FLIGHT = 6;
const CHUNK_BYTES = 256 * 1024;

const conversions: Readonly<Record<string, PlainConversion>> = { tutorial: tutorialRow, wide: wideRow };

async function main([set = "", folder = "", table = ""]: readonly string[]): Promise<void> {
  const convert = conversions[set];
  if (convert === undefined) throw new TypeError(`no such set of items: ${set}`);
  const spanner = new Spanner({ projectId: "bench" });
  const database = spanner.instance("bench").database("bench", { min: 1 });
  const running = new Set<Promise<void>>();
  let rows: PlainRow[] = [];
  let written = 0;

  const commit = async (): Promise<void> => {
    const batch = rows;
    rows = [];
    const mutations = new MutationSet();
    mutations.upsert(table, batch);
    const sent: Promise<void> = database.writeAtLeastOnce(mutations).then(() => {
      written += batch.length;
      running.delete(sent);
    });
    running.add(sent);
    if (running.size >= COMMITS_IN_FLIGHT) await Promise.race(running);
  };

  for (const file of dataFiles(folder)) {
    for await (const lines of lineChunks(file)) {
      for (const line of lines) {
        rows.push(convert((JSON.parse(line) as { Item: PlainItem }).Item));
        if (rows.length >= ROWS_PER_COMMIT) await commit();
      }
    }
  }
  if (rows.length > 0) await commit();
  await Promise.all(running);
  console.log(`${written} rows written`);
  process.exit(0);
}

function dataFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json.gz"))
    .map((name) => join(folder, name))
    .sort();
}

async function* lineChunks(file: string): AsyncGenerator<readonly string[]> {
  const text = createReadStream(file, { highWaterMark: CHUNK_BYTES }).pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  text.setEncoding("utf8");
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    yield lines;
  }
  if (rest !== "") yield [rest];
}

void main(process.argv.slice(2));
