import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { READ_CHUNK_BYTES } from "../../storage/folder";
import { openFolder } from "../../storage/open-folder";
import { useFolder } from "../export/export-folder";
import { expectFailure } from "../export/failure";

describe("A local folder", () => {
  const root = useFolder();

  it("lists files at every depth, sorted, with sizes and relative names", async () => {
    await mkdir(join(root(), "b/c"), { recursive: true });
    await writeFile(join(root(), "b/c/2.txt"), "22");
    await writeFile(join(root(), "b/1.txt"), "1");
    await writeFile(join(root(), "a-b.txt"), "333");
    await writeFile(join(root(), "a.txt"), "");
    await symlink(join(root(), "a-b.txt"), join(root(), "link.txt"));
    const folder = openFolder(root());
    expect(await folder.list()).to.deep.equal([
      { name: "a-b.txt", bytes: 3 },
      { name: "a.txt", bytes: 0 },
      { name: "b/1.txt", bytes: 1 },
      { name: "b/c/2.txt", bytes: 2 },
      { name: "link.txt", bytes: 3 },
    ]);
    const names = async (prefix: string): Promise<string[]> => (await folder.list(prefix)).map(({ name }) => name);
    expect(await names("b/")).to.deep.equal(["b/1.txt", "b/c/2.txt"]);
    expect(await names("b/c/2")).to.deep.equal(["b/c/2.txt"]);
    expect(await names("a")).to.deep.equal(["a-b.txt", "a.txt"]);
    expect(await names("absent/x")).to.deep.equal([]);
  });

  it("reads a file in chunks, and whole", async () => {
    const content = Buffer.alloc(2.5 * READ_CHUNK_BYTES, "0123456789");
    await writeFile(join(root(), "x"), content);
    const folder = openFolder(root());
    const chunks: Buffer[] = [];
    for await (const chunk of folder.read("x")) {
      chunks.push(chunk);
    }
    expect(chunks.map(({ length }) => length)).to.deep.equal([
      READ_CHUNK_BYTES,
      READ_CHUNK_BYTES,
      READ_CHUNK_BYTES / 2,
    ]);
    expect(Buffer.concat(chunks).equals(content)).to.equal(true);
    expect((await folder.readWhole("x")).equals(content)).to.equal(true);
  });

  it("says which file is absent or a folder", async () => {
    const folder = openFolder(root());
    await mkdir(join(root(), "sub"));
    await expectFailure(folder.readWhole("nothing"), "E_STORAGE_NOT_FOUND", /nothing does not exist/);
    await expectFailure(
      async () => folder.read("nothing")[Symbol.asyncIterator]().next(),
      "E_STORAGE_NOT_FOUND",
      /nothing/,
    );
    await expectFailure(folder.readWhole("sub"), "E_STORAGE_NOT_FOUND", /sub is a folder/);
    await expectFailure(openFolder(join(root(), "absent")).list(), "E_STORAGE_NOT_FOUND", /absent/);
  });

  it("never leads out of the folder", async () => {
    for (const name of ["../x", "a/../../x", "/etc/passwd", "a//b", "", "."]) {
      await expectFailure(
        async () => openFolder(root()).readWhole(name),
        "E_STORAGE_NOT_FOUND",
        /not the name of a file/,
      );
    }
  });

  it("writes and replaces files, in folders that it makes, and leaves nothing else behind", async () => {
    const folder = openFolder(join(root(), "new/deep"));
    await folder.write("sub/x.txt", Buffer.from("one"));
    await folder.write("sub/x.txt", Buffer.from("two"));
    expect(await readFile(join(root(), "new/deep/sub/x.txt"), "utf8")).to.equal("two");
    expect(await readdir(join(root(), "new/deep/sub"))).to.deep.equal(["x.txt"]);
  });

  it("creates a file only if its name is free, however many try at once", async () => {
    const folder = openFolder(root());
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => folder.create("x", Buffer.from(`content ${index}`))),
    );
    expect(results.filter((created) => created)).to.have.length(1);
    expect(await readFile(join(root(), "x"), "utf8")).to.equal(`content ${results.indexOf(true)}`);
    expect(await readdir(root())).to.deep.equal(["x"]);
  });

  it("takes a file with the same content for created", async () => {
    const folder = openFolder(root());
    expect(await folder.create("x", Buffer.from("same"))).to.equal(true);
    expect(await folder.create("x", Buffer.from("same"))).to.equal(true);
  });

  it("removes a file, and does not mind if there is none", async () => {
    const folder = openFolder(root());
    await folder.write("sub/x", Buffer.from("x"));
    await folder.remove("sub/x");
    await folder.remove("sub/x");
    expect(await folder.list()).to.deep.equal([]);
  });

  it("does not list files that are not finished", async () => {
    await writeFile(join(root(), ".unfinished-1"), "half");
    expect(await openFolder(root()).list()).to.deep.equal([]);
  });

  it("proves that it can be written, without a trace", async () => {
    await openFolder(join(root(), "new/folder")).probeWritable();
    expect(await readdir(join(root(), "new/folder"))).to.deep.equal([]);
  });

  it("fails early where it can't be written", async () => {
    await writeFile(join(root(), "file"), "");
    await expectFailure(openFolder(join(root(), "file")).probeWritable(), "E_STORAGE_UNWRITABLE", /file: /);
    await expectFailure(openFolder(join(root(), "file/below")).probeWritable(), "E_STORAGE_UNWRITABLE", /below/);
    await expectFailure(openFolder("/proc/none").probeWritable(), "E_STORAGE_UNWRITABLE", /\/proc\/none/);
  });

  it("tells missing permission apart", async function () {
    const closed = join(root(), "closed");
    await openFolder(closed).write("x", Buffer.from("x"));
    await chmod(root(), 0o755);
    await chmod(closed, 0o000);
    try {
      // The superuser may do everything: then another user tries.
      const script = `const { openFolder } = require(${JSON.stringify(require.resolve("../../storage/open-folder"))});
        const folder = openFolder(${JSON.stringify(closed)});
        const actions = [folder.probeWritable(), folder.list(), folder.readWhole("x"), folder.create("y", Buffer.from("y"))];
        Promise.allSettled(actions).then((results) => {
          console.log(JSON.stringify(results.map(({ reason }) => reason?.code + " " + reason?.message)));
        });`;
      const user = process.getuid?.() === 0 ? { uid: 65534 } : {};
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { ...user, encoding: "utf8" });
      if (stderr.includes("MODULE_NOT_FOUND") || stderr.includes("EACCES")) {
        this.skip(); // The other user may not read this checkout.
      }
      const failures = JSON.parse(stdout) as string[];
      expect(failures).to.have.length(4);
      for (const failure of failures) {
        expect(failure).to.match(/^E_STORAGE_PERMISSION .*closed.*: permission denied$/);
      }
    } finally {
      await chmod(closed, 0o700);
    }
  });

  it("does not load the Cloud Storage client", () => {
    const script = `const { openFolder } = require(${JSON.stringify(require.resolve("../../storage/open-folder"))});
      openFolder(".").list("none").then(() => {
        const loaded = Object.keys(require.cache).filter((file) => file.includes("@google-cloud"));
        process.exit(loaded.length);
      });`;
    expect(spawnSync(process.execPath, ["-e", script]).status).to.equal(0);
  });
});
