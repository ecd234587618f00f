import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { iterableSideInput } from "apache-beam/transforms/pardo";
import { expect } from "chai";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { listSideInput } from "../../beam/list-side-input";
import { NoteSideInput, type SideContext } from "./fixtures/steps";
import { journalOf } from "./journal";

async function noteSideInputs(
  journal: string,
  sideInput: (collection: PCollection<number>) => SideContext["side"],
): Promise<readonly string[]> {
  await runDirect((root) => {
    const side = root.apply(createElements("Side", [7, 8]));
    const main = root.apply(createElements("Main", [1, 2, 3]));
    main.apply(asyncParDo(new NoteSideInput(journal), { side: sideInput(side) }));
  });
  return journalOf(journal);
}

describe("listSideInput", () => {
  it("gives every element the whole list", async () => {
    const seen = await noteSideInputs("list side input", listSideInput);
    expect(seen).to.deep.equal(["1 sees 7,8", "2 sees 7,8", "3 sees 7,8"]);
  });

  it("is needed: the SDK's own gives it to the first element only", async () => {
    const seen = await noteSideInputs("SDK side input", iterableSideInput);
    expect(seen).to.deep.equal(["1 sees 7,8", "2 sees ", "3 sees "]);
  });
});
