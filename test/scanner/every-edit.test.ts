import { expect } from "chai";
import { planMigration } from "../../schema/plan-migration";
import { compilePathComparison } from "./compare-paths";

const plan = planMigration({
  source: { table: "Documents", partitionKey: "Id" },
  tables: [{ name: "Documents", primaryKey: ["Id"], columns: { Id: { type: "STRING(64)" }, Doc: { type: "JSON" } } }],
});

const lineOf = (document: string): string => `{"Item":{"Id":{"S":"a"},"Doc":${document}}}`;

/** Each kind of value within each kind of container. */
const documents = [
  '{"M":{"a":{"S":"v"},"b":{"M":{"a":{"N":"1"},"c":{"NULL":true}}}}}',
  '{"L":[{"S":"v"},{"L":[{"N":"-2.5"}]},{"BOOL":false},{"M":{}},{"L":[]}]}',
  '{"M":{"t":{"S":"a\\"b\\\\c\\n"},"y":{"B":"YWI="},"z":{"BOOL":true}}}',
  '{"L":[{"SS":["b","a"]},{"NS":["10","9"]},{"BS":["YWI=","YWM="]}]}',
];

/** Whatever means something in DynamoDB's JSON, and some bytes that mean nothing there. */
const BYTES = '{}[]",:\\/ \n\t019-+.eSNBMLtfu=x\u0001';

const LONGEST_DELETION = 8;

/** All lines that one edit makes: some bytes less, one more, one in place of another. */
function* edits(line: string, from: number): Generator<string> {
  for (let at = from; at < line.length; at++) {
    for (let length = 1; length <= LONGEST_DELETION; length++) yield line.slice(0, at) + line.slice(at + length);
    for (const byte of BYTES) {
      yield line.slice(0, at) + byte + line.slice(at);
      yield line.slice(0, at) + byte + line.slice(at + 1);
    }
  }
}

const nested = (depth: number, open: string, close: string, innermost: string): string =>
  open.repeat(depth) + innermost + close.repeat(depth);

describe("line scanner against the slow path, for documents", () => {
  for (const dialect of ["googlesql", "postgresql"] as const) {
    it(`is never wrong after any one edit, ${dialect}`, () => {
      const compare = compilePathComparison(plan, dialect);
      for (const document of documents) {
        const line = lineOf(document);
        expect(compare(Buffer.from(line)), line).to.equal("taken");
        for (const edited of edits(line, line.indexOf('"Doc"'))) {
          if (compare(Buffer.from(edited)) === "wrong") expect.fail(`wrong about ${edited}`);
        }
      }
    });

    it(`is never wrong about deep documents, ${dialect}`, () => {
      const compare = compilePathComparison(plan, dialect);
      for (let depth = 1; depth <= 40; depth++) {
        for (const document of [
          nested(depth, '{"M":{"a":', "}}", '{"S":"v"}'),
          nested(depth, '{"L":[', "]}", '{"N":"1"}'),
          nested(depth, '{"M":{"a":{"L":[', "]}}}", '{"BOOL":true}'),
        ]) {
          const verdict = compare(Buffer.from(lineOf(document)));
          expect(verdict, document).to.not.equal("wrong");
          if (depth <= 12) expect(verdict, document).to.equal("taken");
        }
      }
    });
  }

  it("takes many Maps side by side, with the same names", () => {
    const compare = compilePathComparison(plan, "googlesql");
    const maps = Array.from({ length: 300 }, () => '{"M":{"a":{"S":"v"},"b":{"S":"w"}}}');
    expect(compare(Buffer.from(lineOf(`{"L":[${maps.join(",")}]}`)))).to.equal("taken");
  });
});
