import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Evidence } from "../../pipelines/profile-evidence";
import { profilePage } from "../../pipelines/profile-page";
import { renderProposal } from "../../pipelines/profile-table";
import type { Item } from "../../schema/attribute-value";
import { itemSets } from "../../scripts/fake-data/item-set";
import { useFolder } from "../export/export-folder";
import { gather, propose, rowsOf } from "../schema/profile/gather";
import { findChromium, runChromium } from "../support/chromium";

const key = { partitionKey: "PK", sortKey: "SK" };
const total = 200;
const hard = Array.from({ length: total }, (_, index) => itemSets.hard.itemAt({ index, total, seed: 5 }));

function evidenceOf(items: readonly Item[], examples = false): Evidence {
  const options = { key, examples };
  const proposal = propose(items, options);
  const rows = rowsOf(items, proposal);
  return {
    source: "/exports/<one>",
    profile: gather(items, options),
    proposal,
    rows: proposal.tables.map(({ mapping }) => rows.get(mapping.name) ?? 0),
  };
}

const hostile = "<img src=x onerror=alert(1)>\"'&";
const hostileItem: Item = {
  PK: { S: "a" },
  SK: { S: "b" },
  [hostile]: { S: hostile },
  "\u001b[31mred\u202e": { N: "1" },
};

describe("The report of a profile", () => {
  it("shows every table, attribute, share and reason, and refers to nothing outside itself", () => {
    const page = profilePage(evidenceOf(hard));
    for (const text of ["Customers", "Orders", "CUSTOMER#*", "plan_tier", "Lines[].Sku", "epoch seconds", "<svg"]) {
      expect(page).to.include(text);
    }
    expect(page.match(/<article/g)?.length).to.be.above(40);
    expect(page).to.not.match(/\b(?:src|href)\s*=(?!"#)|url\(|@import|<script|https?:/);
  });

  it("begins with all tables, and warns once of all columns that have other names", () => {
    const page = profilePage(evidenceOf(hard));
    expect(page.indexOf('<table class="overview">')).to.be.within(0, page.indexOf("<article"));
    expect(page.match(/<a href="#table-\d+">(?:Customers|Orders)<\/a>/g)).to.have.length(2);
    expect(page.match(/<li>Customers: columns with other names/g)).to.have.length(1);
    expect(page).to.include("&quot;plan.tier&quot; → plan_tier, ");
  });

  it("shows values only when asked to, and then as text", () => {
    const without = profilePage(evidenceOf([hostileItem]));
    expect(without.split("&lt;img")).to.have.length(3);
    const page = profilePage(evidenceOf([hostileItem], true));
    expect(page.split("&lt;img")).to.have.length(4);
    expect(page).to.not.include("<img");
    expect(page).to.include("default-src 'none'");
  });

  it("lets no name turn round the text of the page", () => {
    const page = profilePage(evidenceOf([hostileItem]));
    expect(page).to.include("\\u001b[31mred\\u202e");
    expect(page).to.not.include("\u001b");
    expect(page).to.not.include("\u202e");
  });

  it("lets no name command the terminal", () => {
    const shown = renderProposal(evidenceOf([hostileItem]), { examples: false });
    expect(shown).to.include("\\u001b[31mred\\u202e");
    expect(shown).to.not.include("\u001b");
    expect(shown).to.not.include("\u202e");
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

    it("fits a phone's width, with all rows on it", async () => {
      const page = profilePage(evidenceOf(hard, true));
      const frame = `<iframe style="width:375px;height:800px;border:0" srcdoc="${page.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></iframe>`;
      const measure =
        "<script>onload=()=>{const d=document.querySelector('iframe').contentDocument;" +
        "document.title=[d.documentElement.scrollWidth,d.querySelectorAll('article').length," +
        "[...d.querySelectorAll('article')].every(a=>a.getBoundingClientRect().right<=375)].join()}</script>";
      const wrapper = join(folder(), "phone.html");
      await writeFile(wrapper, `<!doctype html><meta charset="utf-8">${frame}${measure}`);
      const dom = await runChromium(chromium ?? "", ["--dump-dom", `file://${wrapper}`]);
      const articles = page.match(/<article/g)?.length;
      expect(/<title>(.*?)<\/title>/.exec(dom)?.[1]).to.equal(`375,${articles},true`);

      const file = join(folder(), "page.html");
      const picture = join(folder(), "page.png");
      await writeFile(file, page);
      await runChromium(chromium ?? "", ["--window-size=500,900", `--screenshot=${picture}`, `file://${file}`]);
      const png = await readFile(picture);
      expect(png.subarray(1, 4).toString()).to.equal("PNG");
      expect(png.length).to.be.above(20_000);
    });
  });
});
