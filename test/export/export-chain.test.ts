import { join } from "node:path";
import { expect } from "chai";
import { openExportChain } from "../../export/export-chain";
import { EXPORT_PATH, exportFiles, type Files, useFolder, writeFiles } from "./export-folder";
import { expectFailure } from "./failure";
import { type IncrementalOptions, incrementalFiles, incrementalLine } from "./incremental-folder";

/** When the full export of `exportFiles` was made. */
const FULL = "2023-11-14T22:13:20.000Z";
const at = (minutes: number) => new Date(Date.parse(FULL) + minutes * 60_000).toISOString();
const full = () => exportFiles({ "full.json.gz": [] });
const LINES = [incrementalLine({ Username: { S: "a" } }, 1_700_000_000_000_001)];
const changes = (from: number, to: number, more: Partial<IncrementalOptions> = {}) =>
  incrementalFiles({ [`from-${from}.json.gz`]: LINES }, { from: at(from), to: at(to), ...more });
const all = (...parts: readonly Files[]): Files => new Map(parts.flatMap((files) => [...files]));

describe("chains of exports", () => {
  const folder = useFolder();
  /** Each call of `open` writes to a place of its own. */
  let place = "";
  let places = 0;

  const open = async (files: Files, options: { readonly below?: string; readonly time?: string } = {}) => {
    place = join(folder(), String(++places));
    await writeFiles(place, files);
    return openExportChain(join(place, options.below ?? ""), options.time);
  };

  it("are put in the order of their windows, and proven if each begins where the one before ended", async () => {
    const chain = await open(all(changes(30, 60), full(), changes(0, 30, { view: "NEW_IMAGE" })));
    expect(chain.full?.url).to.equal(join(place, EXPORT_PATH));
    expect(chain.incrementals.map(({ from }) => new Date(from).toISOString())).to.deep.equal([at(0), at(30)]);
    expect(chain.incrementals.flatMap(({ dataFiles }) => dataFiles.map(({ url }) => url))).to.deep.equal([
      join(place, "AWSDynamoDB/data/from-0.json.gz"),
      join(place, "AWSDynamoDB/data/from-30.json.gz"),
    ]);
    expect(chain.unproven).to.deep.equal([]);
  });

  it("are opened from the export's own folder too, whose data lies beside it", async () => {
    const chain = await open(changes(0, 30, { exportId: "01-a" }), { below: "AWSDynamoDB/01-a", time: FULL });
    expect(chain.full).to.equal(undefined);
    expect(chain.incrementals.map(({ dataFiles }) => dataFiles.length)).to.deep.equal([1]);
    expect(chain.unproven).to.have.lengthOf(1);
    expect(chain.unproven[0]).to.match(/before 2023-11-14T22:13:20.000Z/);
  });

  it("with a gap are refused, with its bounds", async () => {
    await expectFailure(
      open(all(full(), changes(0, 30), changes(31, 60))),
      "E_EXPORT_CHAIN_GAP",
      /no export holds the changes from 2023-11-14T22:43:20.000Z \(end of .+\) to 2023-11-14T22:44:20.000Z \(begin of .+\)/,
    );
    await expectFailure(
      open(all(full(), changes(1, 30))),
      "E_EXPORT_CHAIN_GAP",
      /22:13:20.000Z .+ 22:14:20.000Z|22:14/,
    );
  });

  it("that overlap are not proven: what came and went has no line", async () => {
    const chain = await open(all(full(), changes(-1, 30), changes(29, 60)));
    expect(chain.unproven).to.have.lengthOf(2);
    expect(chain.unproven[1]).to.match(/begins at 2023-11-14T22:42:20.000Z, before 2023-11-14T22:43:20.000Z/);
  });

  it("need to know when the full export was made", async () => {
    await expectFailure(open(changes(0, 30)), "E_EXPORT_BASE_UNKNOWN", /is incremental/);
  });

  it("refuse an export from before the full one, whose images would set rows back", async () => {
    await expectFailure(open(all(full(), changes(-30, 0), changes(0, 30))), "E_EXPORT_CHAIN_OLDER", /22:13:20/);
    await expectFailure(open(changes(0, 30), { time: at(30) }), "E_EXPORT_CHAIN_OLDER", /before the full export/);
  });

  it("refuse exports of different tables, and two full ones", async () => {
    const other = changes(30, 60, { summary: { tableId: "other", tableArn: "arn:…:table/Other" } });
    await expectFailure(open(all(full(), changes(0, 30), other)), "E_EXPORT_CHAIN_TABLE", /table\/Other/);
  });

  it("refuse two full exports", async () => {
    const second = exportFiles({}, { path: "AWSDynamoDB/02-b" });
    await expectFailure(open(all(full(), second, changes(0, 30))), "E_EXPORT_SEVERAL", /holds 3 DynamoDB exports/);
  });

  it("refuse a data file that is missing, times that are none, a view that is unknown, counts that disagree", async () => {
    const missing = changes(0, 30);
    missing.delete("AWSDynamoDB/data/from-0.json.gz");
    await expectFailure(open(missing, { time: FULL }), "E_EXPORT_FILE_MISSING", /data\/from-0\.json\.gz is missing/);
    for (const [summary, message] of [
      [{ exportFromTime: "yesterday" }, /exportFromTime "yesterday" is no time/],
      [{ exportToTime: at(0) }, /ends before it begins/],
      [{ outputView: "OLD_IMAGE" }, /outputView "OLD_IMAGE"/],
      [{ itemCount: 2 }, /says 2 items/],
    ] as const) {
      await expectFailure(open(changes(0, 30, { summary }), { time: FULL }), "E_EXPORT_MANIFEST", message);
    }
  });
});
