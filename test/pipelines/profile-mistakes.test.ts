import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Item } from "../../schema/attribute-value";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { expectError, expectExit, PROCESS_MILLISECONDS } from "./load";
import { shopItems, writeItems } from "./profile-fixture";

describe("profile: what is refused before anything is written", function () {
  this.timeout(PROCESS_MILLISECONDS);
  const folder = useFolder();
  const profile = (...words: readonly string[]) => runCommand(["profile", "--input", folder(), ...words]);
  const out = () => join(folder(), "mapping.json");

  it("a mapping that exists is kept, unless --replace says otherwise", async () => {
    await writeItems(folder(), "Shop", shopItems(2));
    await writeFile(out(), "worked on by hand");
    expectError(await profile("--out", out()), "E_PROFILE_EXISTS", /mapping\.json exists/);
    expect(await readFile(out(), "utf8")).to.equal("worked on by hand");
    expectExit(await profile("--out", out(), "--replace"), 0);
    expect(JSON.parse(await readFile(out(), "utf8"))).to.have.property("tables");
  });

  it("a key that some items lack, or that two share, is none", async () => {
    const items: readonly Item[] = [
      { a: { S: "1" }, b: { S: "x" } },
      { a: { S: "1" }, b: { S: "y" } },
      { a: { S: "2" } },
    ];
    await writeItems(folder(), "Things", items);
    expectError(await profile("--out", out(), "--partition-key", "a"), "E_PROFILE_KEY", /two items share/);
    expectError(await profile("--out", out(), "--partition-key", "b"), "E_PROFILE_KEY", /1 of 3 items lack it/);
    expectError(await profile("--out", out()), "E_PROFILE_KEY", /no attribute, and no two together/);
  });

  it("where several attributes could be the key, none is guessed; an export with one item is enough where one can", async () => {
    await writeItems(folder(), "Things", [{ a: { S: "1" }, b: { S: "x" } }]);
    expectError(await profile("--out", out()), "E_PROFILE_KEY", /each of a, b could be the partition key/);
    expectExit(await profile("--out", out(), "--partition-key", "b"), 0);
  });

  it("--sample reads so many items, says that the rest is unproven, and keeps room for attributes to come", async () => {
    await writeItems(folder(), "Shop", shopItems(10));
    const sampled = await profile("--out", out(), "--sample", "40");
    expectExit(sampled, 0);
    expect(sampled.stderr).to.include("Proven: 40 items convert").and.to.include("That is a sample");
    const { tables } = JSON.parse(await readFile(out(), "utf8")) as { tables: { otherAttributes: unknown }[] };
    expect(tables.every(({ otherAttributes }) => otherAttributes !== undefined)).to.equal(true);
    expectError(await profile("--out", join(folder(), "x.json"), "--sample", "0.5"), "E_USAGE", /--sample/);
  });
});
