import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect } from "chai";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { sampleMapping, targetWords } from "../pipelines/load";
import { countRows, createMappedDatabase } from "../pipelines/mapped-database";
import { spannerEmulator } from "../support/spanner";
import { install, pack, run } from "./packed-package";

const packageName = "dynamodb-spanner-migration";

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

describe("the package, installed into an empty folder", function () {
  // Some 300 packages are unpacked, and one is compiled.
  this.timeout(10 * 60_000);
  spannerEmulator.use();
  let folder: string;
  let project: string;
  let home: string;
  before(async function () {
    folder = await mkdtemp(join(tmpdir(), "dynamodb-spanner-package-"));
    const installed = await install(await pack(folder), folder);
    if (installed === undefined) {
      if (process.env["CI"]) throw new Error("npm install could not reach the registry");
      process.stderr.write(
        "Skipped: the package, installed into an empty folder. The npm registry can't be reached.\n",
      );
      this.skip();
    }
    project = installed;
    home = join(project, "node_modules", packageName);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const readManifest = async (): Promise<Manifest> =>
    JSON.parse(await readFile(join(home, "package.json"), "utf8")) as Manifest;
  const dynamodbToSpanner = (...words: readonly string[]) =>
    run(join(project, "node_modules/.bin/dynamodb-to-spanner"), words, project);

  it("holds code and documents, no tests and no benchmarks", async () => {
    const shipped = await readdir(join(home, "dist"));
    expect(shipped).to.include.members([
      "beam",
      "errors",
      "export",
      "pipelines",
      "schema",
      "spanner",
      "storage",
      "transforms",
    ]);
    for (const name of ["test", "bench", "lambda"]) expect(shipped).to.not.include(name);
    for (const name of [
      "LICENSE",
      "README.md",
      "docs/mapping.md",
      "schema/mapping.schema.json",
      "beam/python/requirements.txt",
    ]) {
      expect(existsSync(join(home, name)), name).to.equal(true);
    }
    const { bin } = await readManifest();
    for (const path of Object.values(bin)) expect(existsSync(join(home, path)), path).to.equal(true);
  });

  it("has every module that one of its modules asks for, and declares every package", async () => {
    const { dependencies } = await readManifest();
    const missing: string[] = [];
    for (const path of await readdir(join(home, "dist"), { recursive: true })) {
      if (!path.endsWith(".js")) continue;
      const file = join(home, "dist", path);
      for (const wanted of requiredBy(await readFile(file, "utf8"))) {
        const found = wanted.startsWith(".") ? resolves(file, wanted) : isDeclared(wanted, dependencies);
        if (!found) missing.push(`${relative(home, file)} asks for ${wanted}`);
      }
    }
    expect(missing).to.deep.equal([]);
  });

  it("has one gRPC library for the Beam SDK and its transport: with two, no worker can be reached", () => {
    const beam = createRequire(createRequire(join(home, "package.json")).resolve("apache-beam"));
    const transport = createRequire(beam.resolve("@protobuf-ts/grpc-transport"));
    expect(transport.resolve("@grpc/grpc-js")).to.equal(beam.resolve("@grpc/grpc-js"));
  });

  it("carries nothing of what the SDK would install beside it", async () => {
    const beam = createRequire(createRequire(join(home, "package.json")).resolve("apache-beam"));
    for (const name of ["ttypescript", "@google-cloud/pubsub"]) {
      const path = join(dirname(beam.resolve(name)), "package.json");
      expect(JSON.parse(await readFile(path, "utf8")), name).to.include({ name: "empty-npm-package" });
    }
  });

  it("shows its help and its version", async () => {
    const help = await dynamodbToSpanner("--help");
    expect(help).to.include({ exitCode: 0, stderr: "" });
    expect(help.stdout).to.include("dynamodb-to-spanner bulk");
    const { version } = (await readManifest()) as Manifest & { version: string };
    expect((await dynamodbToSpanner("--version")).stdout.trim()).to.equal(version);
  });

  it("loads an export", async () => {
    const mapping = sampleMapping("migration");
    const database = await createMappedDatabase(mapping);
    const input = join(folder, "export");
    await writeFakeExport({ set: "tutorial", items: 300, seed: 5, files: 2, folder: input });
    const { exitCode, stdout, stderr } = await dynamodbToSpanner(
      ...["bulk", ...targetWords(database), "--mapping", mapping, "--input", input],
    );
    expect(exitCode, `${stdout}\n${stderr}`).to.equal(0);
    expect(stdout).to.match(/status\s+│\s+proven/);
    expect(await countRows(database, "Migration")).to.equal(300);
  });
});

/** What a compiled module asks for by a literal name, now or later. */
function requiredBy(code: string): readonly string[] {
  const calls = code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g);
  return [...new Set([...calls].map(([, name = ""]) => name))];
}

function resolves(file: string, wanted: string): boolean {
  const path = join(dirname(file), wanted);
  return [path, `${path}.js`, `${path}.json`, join(path, "index.js")].some((each) => existsSync(each));
}

function isDeclared(wanted: string, dependencies: Readonly<Record<string, string>>): boolean {
  if (wanted.startsWith("node:") || builtinModules.includes(wanted)) return true;
  const name = wanted.startsWith("@") ? wanted.split("/").slice(0, 2).join("/") : (wanted.split("/")[0] ?? "");
  return Object.hasOwn(dependencies, name);
}
