import { expect } from "chai";
import fc from "fast-check";
import { accountingGaps, type FileAccount } from "../../pipelines/accounting";
import type { FileCounts } from "../../transforms/ledger";

const counts = (some: Partial<FileCounts>): FileCounts => ({
  read: 0,
  written: 0,
  stale: 0,
  filtered: 0,
  deadLettered: 0,
  bytesRead: 0,
  ...some,
});
const account = (some: Partial<FileCounts>, expected?: number, file = "a.json.gz"): FileAccount => ({
  file,
  expected,
  counts: counts(some),
});

describe("the accounting identity", () => {
  it("holds if every item read has one outcome and the manifest agrees", () => {
    const whole = account({ read: 10, written: 4, stale: 3, filtered: 2, deadLettered: 1 }, 10);
    expect(accountingGaps([whole], 10)).to.deep.equal([]);
    expect(accountingGaps([], 0)).to.deep.equal([]);
  });

  it("asks nothing of the number of items where there is no manifest", () => {
    expect(accountingGaps([account({ read: 2, written: 2 })], undefined)).to.deep.equal([]);
  });

  it("names the file in which items have no outcome", () => {
    expect(
      accountingGaps([account({ read: 3, written: 3 }, 3), account({ read: 2, written: 1 }, 2, "b")], 5),
    ).to.deep.equal([
      "b: 2 items read, but 1 written + 0 stale + 0 filtered + 0 dead-lettered = 1: 1 item without an outcome",
    ]);
  });

  it("names the file in which items have more than one outcome", () => {
    expect(accountingGaps([account({ read: 2, written: 2, deadLettered: 2 }, 2)], 2)).to.deep.equal([
      "a.json.gz: 2 items read, but 2 written + 0 stale + 0 filtered + 2 dead-lettered = 4: " +
        "2 items with more than one outcome",
    ]);
  });

  it("sees a file that was read short, and the sum with it", () => {
    expect(accountingGaps([account({ read: 9, written: 9 }, 10)], 10)).to.deep.equal([
      "a.json.gz: the manifest says 10 items, 9 items were read",
      "in all: the manifest says 10 items, 9 items were read",
    ]);
  });

  it("sees a file that was not read at all, and one that was read twice", () => {
    const gaps = accountingGaps([account({}, 5), account({ read: 10, written: 10 }, 5, "b")], 10);
    expect(gaps).to.deep.equal([
      "a.json.gz: the manifest says 5 items, 0 items were read",
      "b: the manifest says 5 items, 10 items were read",
    ]);
  });

  it("sees a manifest whose sum is not that of its files", () => {
    expect(accountingGaps([account({ read: 5, written: 5 }, 5)], 6)).to.deep.equal([
      "in all: the manifest says 6 items, 5 items were read",
    ]);
  });

  it("lets no loss and no double pass, whichever count is off", () => {
    const outcome = fc.nat({ max: 1000 });
    const outcomes = fc.record({ written: outcome, stale: outcome, filtered: outcome, deadLettered: outcome });
    const name = fc.constantFrom("read", "written", "stale", "filtered", "deadLettered" as const);
    const off = fc.integer({ min: -5, max: 5 }).filter((difference) => difference !== 0);
    fc.assert(
      fc.property(fc.array(outcomes, { minLength: 1, maxLength: 5 }), fc.nat(), name, off, (files, pick, field, by) => {
        const accounts = files.map((each, index) => {
          const read = each.written + each.stale + each.filtered + each.deadLettered;
          return account({ read, ...each }, read, `file-${index}`);
        });
        const total = accounts.reduce((sum, { counts: { read } }) => sum + read, 0);
        expect(accountingGaps(accounts, total)).to.deep.equal([]);
        const victim = pick % accounts.length;
        const broken = accounts.map((each, index) =>
          index === victim ? { ...each, counts: { ...each.counts, [field]: each.counts[field] + by } } : each,
        );
        expect(accountingGaps(broken, total).some((gap) => gap.startsWith(`file-${victim}: `))).to.equal(true);
      }),
    );
  });
});
