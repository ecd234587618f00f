import { expect } from "chai";
import type { RowFailure } from "../../spanner/row-writer";
import { createRefusedBlocks } from "../../transforms/refused-blocks";

function failures(count: number, message: (row: number) => string): RowFailure[] {
  return Array.from({ length: count }, (_, row) => ({
    group: 0,
    row,
    line: row + 1,
    code: "E_SPANNER_ROW_REFUSED" as const,
    message: message(row),
  }));
}

const refused = (words = "the key is revoked") => ({ written: 0, stale: 0, failures: failures(1000, () => words) });

describe("blocks that are refused whole", () => {
  it("end the load at the third in a row, with Spanner's words and the number of rows", () => {
    const blocks = createRefusedBlocks();
    blocks.see(refused());
    blocks.see(refused());
    expect(() => blocks.see(refused())).to.throw("the last 3000 rows were all refused with: the key is revoked");
  });

  it("are forgotten when a row is written, or found stale", () => {
    const blocks = createRefusedBlocks();
    for (const other of [
      { written: 1, stale: 0 },
      { written: 0, stale: 1 },
    ]) {
      blocks.see(refused());
      blocks.see(refused());
      blocks.see({ ...other, failures: failures(999, () => "the key is revoked") });
    }
    blocks.see(refused());
  });

  it("do not count where the words tell the rows apart: those concern the rows", () => {
    const blocks = createRefusedBlocks();
    for (let block = 0; block < 10; block++) {
      blocks.see({
        written: 0,
        stale: 0,
        failures: failures(1000, (row) => `constraint C is violated for key ${row}`),
      });
    }
  });

  it("count anew with other words", () => {
    const blocks = createRefusedBlocks();
    for (let block = 0; block < 10; block++) blocks.see(refused(`words ${block % 2}`));
  });
});
