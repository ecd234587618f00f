import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { reportPage } from "../../pipelines/report-page";
import { throughputPlot } from "../../pipelines/report-plot";
import { useFolder } from "../export/export-folder";
import { findChromium, runChromium } from "../support/chromium";
import { loadRun } from "./recorded-runs";
import { reportData } from "./report-fixture";

describe("The report of a migration", () => {
  it("tells what was moved, when, and what proves it", () => {
    const page = reportPage(reportData());
    for (const text of [
      ...["NO-GO", "NO_GO_DEAD_LETTERS_OPEN", "NO_GO_VERIFICATION_DIFFERENT"],
      ...["2,450,000 = 2,310,217 + 131,402 + 8,374 + 7", "The export's manifest says 2,450,000 items."],
      ...["MD5 q3wOyZ5yNpnhB0u1yZ6s0A==", "E_PARENT_MISSING", "E_SPANNER_UNREACHABLE", "2026-01-31 01:20:00 UTC"],
      ...["items a second over 10 m 0 s", "changes a second over 34 m 0 s"],
    ]) {
      expect(page).to.include(text);
    }
    expect(page.match(/<article/g)).to.have.length(6);
    expect(page.match(/<figure/g)).to.have.length(3);
    expect(page).to.not.match(/does not add up/);
  });

  it("says so where the counts do not add up", () => {
    const data = reportData();
    const [load, ...others] = data.runs;
    if (load === undefined) throw new Error("there is no load");
    const short = { ...load, details: { ...load.details, counts: { ...load.details.counts, written: 1 } } };
    expect(reportPage({ ...data, runs: [short, ...others] }).match(/does not add up/g)).to.have.length(1);
  });

  it("refers to nothing outside itself", () => {
    const page = reportPage(reportData());
    expect(page).to.not.match(/\b(?:src|href)\s*=|url\(|@import|<script|https?:/);
    expect(page).to.include("default-src 'none'");
  });

  it("shows names as text, whatever they are", () => {
    const page = reportPage(reportData("<img src=x onerror=alert(1)>\"'&\u202e"));
    expect(page).to.not.include("<img");
    expect(page).to.not.include("\u202e");
    expect(page).to.include("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\\u202e");
  });

  it("is whole where nothing was done yet", () => {
    const { status, ...data } = reportData();
    const nothing = { load: null, stream: null, verification: null, subscriptions: [] };
    const page = reportPage({ ...data, status: { ...status, ...nothing }, runs: [], files: { files: [], leftOut: 0 } });
    expect(page).to.include("no load").and.to.include("nothing verified");
    expect(page).to.not.match(/NaN|undefined|Infinity/);
  });

  describe("plots", () => {
    const plot = (samples: [number, number][]) => throughputPlot(loadRun({ details: { samples } }));

    it("the average of each interval as a step", () => {
      // 100 a second for 10 seconds, none for 10, 50 for 20: the scale ends at 100.
      const figure = plot([
        [0, 0],
        [10, 1000],
        [20, 1000],
        [40, 2000],
      ]);
      expect(figure).to.include(
        'd="M0 200L0.0 0.0L250.0 0.0L250.0 200.0L500.0 200.0L500.0 100.0L1000.0 100.0L1000 200Z"',
      );
      expect(figure).to.include("2,000 items in 40 s, 50 a second on average");
    });

    it("nothing where there is nothing to plot", () => {
      expect(plot([])).to.equal("");
      expect(plot([[0, 0]])).to.equal("");
      expect(
        plot([
          [5, 1],
          [5, 2],
        ]),
      ).to.equal("");
    });
  });

  describe("in Chromium", function () {
    this.timeout(240_000);
    const folder = useFolder();
    let chromium: string | undefined;
    before(async function () {
      chromium = await findChromium();
      if (chromium !== undefined) return;
      process.stderr.write("Skipped: the report in Chromium. Install it: apt-get install chromium\n");
      this.skip();
    });

    for (const [name, width] of [
      ["desktop", 1280],
      ["phone", 375],
    ] as const) {
      it(`fits the width of a ${name}, with all of it in sight`, async () => {
        const page = reportPage(reportData("x".repeat(200)));
        const frame = `<iframe style="width:${width}px;height:800px;border:0" srcdoc="${page.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></iframe>`;
        // What lies in a box that scrolls by itself may be wider than the page.
        const measure =
          "<script>onload=()=>{const d=document.querySelector('iframe').contentDocument;" +
          "const all=[...d.querySelectorAll('section,article,figure,.tile,p,li')].filter(e=>!e.closest('.scroll'));" +
          "const boxes=all.map(e=>e.getBoundingClientRect());" +
          `document.title=[d.documentElement.scrollWidth,boxes.every(b=>b.left>=0&&b.right<=${width}),` +
          "[...d.querySelectorAll('svg')].every(s=>s.getBoundingClientRect().height>=100)," +
          "boxes.every(b=>b.height>0)].join()}</script>";
        const wrapper = join(folder(), "frame.html");
        await writeFile(wrapper, `<!doctype html><meta charset="utf-8">${frame}${measure}`);
        const dom = await runChromium(chromium ?? "", ["--dump-dom", "--window-size=1400,900", `file://${wrapper}`]);
        expect(/<title>(.*?)<\/title>/.exec(dom)?.[1]).to.equal(`${width},true,true,true`);
      });

      it(`can be seen at the width of a ${name}`, async () => {
        const file = join(folder(), "page.html");
        const picture = join(folder(), "page.png");
        await writeFile(file, reportPage(reportData()));
        const size = `--window-size=${Math.max(width, 500)},2400`;
        await runChromium(chromium ?? "", [size, `--screenshot=${picture}`, `file://${file}`]);
        const png = await readFile(picture);
        expect(png.subarray(1, 4).toString()).to.equal("PNG");
        expect(png.length).to.be.above(40_000);
      });
    }
  });
});
