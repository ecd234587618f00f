import type { PCollection } from "apache-beam/pvalue";
import type { PTransform } from "apache-beam/transforms/transform";
import { expect } from "chai";

declare const texts: PCollection<string>;
declare const parse: PTransform<PCollection<string>, PCollection<number>>;
declare const format: PTransform<PCollection<Date>, PCollection<string>>;

/** Never called: what it proves, it proves when it is compiled. */
function steps(): PCollection<number> {
  // @ts-expect-error: it gives numbers.
  const _strings: PCollection<string> = texts.apply(parse);
  // @ts-expect-error: it takes dates.
  texts.apply(format);
  return texts.apply(parse);
}

describe("PCollection.apply", () => {
  it("is typed", () => {
    expect(steps).to.be.a("function");
  });
});
