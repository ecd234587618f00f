import { MutationSet, Spanner } from "@google-cloud/spanner";
import { exportLines } from "./export-lines";
import { type PlainConversion, type PlainItem, type PlainRow, tutorialRow, wideRow } from "./plain-rows";

/**
 * The plainest loader that one would write by hand: gunzip, split, JSON.parse, and the official client's mutations, in
 * commits of 1,000 rows, six at a time. It proves nothing and checks nothing.
 *
 *     node plain-load.js tutorial|wide EXPORT TABLE
 */
const ROWS_PER_COMMIT = 1000;
const COMMITS_IN_FLIGHT = 6;

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

  for await (const lines of exportLines(folder)) {
    for (const line of lines) {
      rows.push(convert((JSON.parse(line) as { Item: PlainItem }).Item));
      if (rows.length >= ROWS_PER_COMMIT) await commit();
    }
  }
  if (rows.length > 0) await commit();
  await Promise.all(running);
  console.log(`${written} rows written`);
  process.exit(0);
}

void main(process.argv.slice(2));
