import { expect } from "chai";
import type { Block } from "../../export/block";
import { readMappingFile } from "../../pipelines/mapping-file";
import type { MigrationPlan } from "../../schema/migration-plan";
import { decodeRow } from "../../spanner/row-decoder";
import { ConvertItem } from "../../transforms/convert-item";

const plan = readMappingFile("sample/migration.mapping.json");

/** What becomes of lines: rows with their line's number, and codes of dead letters. */
async function convert(lines: readonly (string | Buffer)[], of: MigrationPlan = plan) {
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const block: Block = { file: "file:///data.json.gz", firstLine: 11, lineCount: lines.length, bytes };
  const step = new ConvertItem({ runId: "convert-item.test", plan: of, dialect: "googlesql", level: 0 });
  step.startBundle();
  const rows: unknown[] = [];
  const failures: unknown[] = [];
  await step.process(block, undefined, ({ tables, letters }) => {
    for (const table of tables) {
      for (let row = 0; row < table.rows.count; row++)
        rows.push([table.rows.lines[row], ...decodeRow(table.rows, row)]);
    }
    for (const letter of letters) failures.push([(letter.source as { line: number }).line, letter.code]);
    return null;
  });
  return { rows, failures };
}

const line = (name: string, points: string) => `{"Item":{"Username":{"S":"${name}"},"PointsEarned":{"N":"${points}"}}}`;

describe("ConvertItem", () => {
  it("keeps rows of the scanner and of the slow path in the order of their lines", async () => {
    const lines = [
      line("a", "1"),
      line("b", "2e0"),
      line("c", "x"),
      line("d", "4"),
      line("\\u0065", "5"),
      "",
      line("f", "6"),
    ];
    expect(await convert(lines)).to.deep.equal({
      rows: [
        [11, "a", "1", null, null, null],
        [12, "b", "2", null, null, null],
        [14, "d", "4", null, null, null],
        [15, "e", "5", null, null, null],
        [17, "f", "6", null, null, null],
      ],
      failures: [
        [13, "E_ITEM_NOT_A_NUMBER"],
        [16, "E_LINE_NOT_JSON"],
      ],
    });
  });

  it("refuses lines that are not UTF-8, of whatever the scanner would take", async () => {
    const bad = Buffer.from(line("aXb", "1"));
    bad[bad.indexOf("X")] = 0xff;
    expect(await convert([line("a", "1"), bad, line("c", "3")])).to.deep.equal({
      rows: [
        [11, "a", "1", null, null, null],
        [13, "c", "3", null, null, null],
      ],
      failures: [[12, "E_LINE_NOT_UTF8"]],
    });
  });

  it("takes mappings that the scanner does not", async () => {
    const [table] = plan.tables;
    const never = {
      ...plan,
      tables: [{ ...table, when: [{ attribute: "Username", beginsWith: "b" }] }],
    } as MigrationPlan;
    expect(await convert([line("a", "1"), line("b", "2")], { ...never, otherItems: "ignore" })).to.deep.equal({
      rows: [[12, "b", "2", null, null, null]],
      failures: [],
    });
  });
});
