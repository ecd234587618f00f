import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

/** No engine is needed for this: what the file says is held against the package. */
describe("Dockerfile", () => {
  const lines = readFileSync("Dockerfile", "utf8").split("\n");
  const { files, engines } = JSON.parse(readFileSync("package.json", "utf8")) as {
    files: readonly string[];
    engines: { readonly node: string };
  };

  it("copies every folder of code that the package ships", () => {
    const copied = lines.flatMap((line) => /^COPY (dist\/\w+) \1$/.exec(line)?.[1] ?? []);
    expect(copied).to.deep.equal(files.filter((path) => path.startsWith("dist/")));
  });

  it("starts the container's entry point", () => {
    const [, words = ""] =
      /^ENTRYPOINT (\[.+\])$/.exec(lines.find((line) => line.startsWith("ENTRYPOINT")) ?? "") ?? [];
    const [program, , path = ""] = JSON.parse(words) as string[];
    expect(program).to.equal("node");
    // The compiled code beside this test is what `dist` is in the image.
    expect(existsSync(join(__dirname, "../..", path.replace("/app/dist/", ""))), path).to.equal(true);
  });

  it("runs a Node that the package takes", () => {
    const [major] = /\d+/.exec(engines.node) ?? [];
    for (const line of lines.filter((each) => each.startsWith("FROM"))) {
      expect(line).to.match(new RegExp(`^FROM node:${major}-slim\\b`));
    }
  });
});
