import { execFile } from "node:child_process";
import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";

/** The root of the compiled code that this file is part of: what `dist` is in the package. */
const compiledRoot = join(__dirname, "../..");
const checkout = process.cwd();

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(program: string, words: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, words, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ exitCode: code, stdout, stderr: error === null ? stderr : `${stderr}\n${error.message}` });
    });
  });
}

/**
 * Packs the package as `npm publish` would, with the code that was compiled together with this test, below `folder`.
 * @returns the path of the tarball
 */
export async function pack(folder: string): Promise<string> {
  const stage = join(folder, "checkout");
  for (const name of ["schema", "beam"]) await mkdir(join(stage, name), { recursive: true });
  const documents = (await readdir(checkout)).filter((name) => /^(package(-lock)?\.json|.*\.md|LICENSE)$/.test(name));
  for (const name of [...documents, "beam/python", "docs", "sample", "schema/mapping.schema.json"]) {
    await cp(join(checkout, name), join(stage, name), { recursive: true });
  }
  // Tests and benchmarks too: that they stay out is for the package's list of files to see to.
  await cp(compiledRoot, join(stage, "dist"), {
    recursive: true,
    filter: (path) => !path.startsWith(join(compiledRoot, "node_modules") + sep),
  });
  await symlink(join(checkout, "node_modules"), join(stage, "node_modules"));
  const { exitCode, stderr } = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], stage);
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  if (exitCode !== 0 || tarball === undefined) throw new Error(`npm pack failed:\n${stderr}`);
  return join(folder, tarball);
}

/**
 * Installs a tarball into a new, empty project below `folder`, as a user would; from npm's cache where that has it.
 * @returns the project's folder; undefined where the registry can't be reached and npm's cache lacks a package
 */
export async function install(tarball: string, folder: string): Promise<string | undefined> {
  const project = join(folder, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{ "private": true }\n');
  const words = ["install", tarball, "--prefix", project, "--prefer-offline", "--no-audit", "--no-fund"];
  const { exitCode, stdout, stderr } = await run("npm", words, project);
  if (exitCode === 0) return project;
  if (/\b(?:EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ENOTCACHED)\b/.test(stderr)) return undefined;
  throw new Error(`npm install failed:\n${stdout}\n${stderr}`);
}
