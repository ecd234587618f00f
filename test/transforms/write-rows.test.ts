import { expect } from "chai";
import { readMappingFile } from "../../pipelines/mapping-file";
import { closeAllConnections } from "../../spanner/connection";
import { WriteRows } from "../../transforms/write-rows";
import { withSpannerHost } from "../spanner/emulator-host";
import { encodeRows } from "../spanner/encoded";
import { type FakeSpanner, startFakeSpanner } from "../spanner/fake-spanner";

const plan = readMappingFile("sample/migration.mapping.json");
const names = ["d", "a", "é", "b"];

describe("WriteRows", () => {
  let server: FakeSpanner;
  beforeEach(async () => {
    server = await startFakeSpanner();
  });
  afterEach(async () => {
    await closeAllConnections();
    await server.stop();
  });

  /** Names of the rows that one commit has brought, in its order. */
  async function committed(sortByKey: boolean): Promise<readonly unknown[]> {
    const step = new WriteRows({
      runId: "write-rows.test",
      target: { project: "p", instance: "i", database: "d" },
      plan,
      cellsPerRow: [5],
      commitsInFlight: 1,
      exclusive: true,
      sortByKey,
    });
    await withSpannerHost(server.address, () => step.startBundle());
    const bytes = Buffer.from("the lines\n");
    const rows = encodeRows(names.map((name) => [name, null, null, null, null]));
    const block = { file: "file:///data.json.gz", firstLine: 1, lineCount: names.length, bytes };
    await step.process({ block, tables: [{ table: 0, rows }], letters: [], filtered: 0 }, undefined, () => null);
    await step.finishBundle();
    expect(server.commits).to.have.length(1);
    const { mutations } = (server.commits[0]?.request ?? {}) as {
      mutations: { insertOrUpdate: { values: { values: { stringValue: string }[] }[] } }[];
    };
    return (mutations[0]?.insertOrUpdate.values ?? []).map(({ values }) => values[0]?.stringValue);
  }

  it("writes the rows of a commit in the order of their keys", async () => {
    expect(await committed(true)).to.deep.equal(["a", "b", "d", "é"]);
  });

  it("leaves them in the order of the file where it is told so", async () => {
    expect(await committed(false)).to.deep.equal(names);
  });
});
