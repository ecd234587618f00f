import { expect } from "chai";
import { closeAllConnections, openSpanner } from "../../spanner/connection";
import { spannerStore } from "../../spanner/spanner-store";
import type { StoreMutation } from "../../spanner/versioned-store";
import { createTestDatabase } from "../support/spanner";

describe("rows beneath a row, in the Spanner emulator", () => {
  after(closeAllConnections);

  for (const direction of ["", "DESC"]) {
    it(`are found in as many reads as their long keys need, each once${direction === "" ? "" : ", in descending order"}`, async () => {
      const connection = await openSpanner(
        await createTestDatabase([
          `CREATE TABLE Lines (A STRING(MAX), B STRING(MAX)) PRIMARY KEY (A ${direction}, B ${direction})`,
        ]),
      );
      const store = spannerStore(connection);
      const long = "x".repeat(3000);
      const beneath = Array.from({ length: 1201 }, (_, index) => `${long}${String(index).padStart(4, "0")}`);
      const keys = [["a", "1"], ...beneath.map((key) => ["p", key]), ["pp", "1"]];
      const write = (values: readonly string[]): StoreMutation => ({
        kind: "write",
        table: "Lines",
        columns: ["A", "B"],
        values,
      });
      await store.transact(async () => ({ mutations: keys.map(write), result: undefined }));
      await store.transact(async (reader) => {
        const found = async (limit: number) =>
          (await reader.readBeneath("Lines", ["A", "B"], ["p"], limit)).map(([, key]) => key);
        const inOrder = direction === "" ? beneath : beneath.toReversed();
        expect(await found(5001)).to.deep.equal(inOrder);
        expect(await found(700)).to.deep.equal(inOrder.slice(0, 700));
        expect((await reader.readRows("Lines", ["A", "B"], keys)).length).to.equal(keys.length);
        return { mutations: [], result: undefined };
      });
    });
  }
});
