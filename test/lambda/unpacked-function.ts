import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";

const run = promisify(execFile);

/** The sources lie above the folder that the tests were compiled to, however deep that is. */
const lambdaFolder = sourceFolder(__dirname);

function sourceFolder(from: string): string {
  const candidate = join(from, "lambda");
  return existsSync(join(candidate, "bundle.mjs")) ? candidate : sourceFolder(join(from, ".."));
}

/** Installs the function's own dependencies if need be; `make lambda` does so each time. */
export async function installLambdaDependencies(): Promise<void> {
  if (existsSync(join(lambdaFolder, "node_modules", ".package-lock.json"))) return;
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: lambdaFolder });
}

/** Makes the deployment package. */
export async function bundle(
  zip: string,
  words: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  await run(process.execPath, [join(lambdaFolder, "bundle.mjs"), "--out", zip, ...words], {
    env: { ...process.env, ...environment },
  });
}

export interface FunctionCall {
  /** Folder that holds the package's index.js. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** JavaScript that runs before the function is loaded. */
  readonly preparation?: string;
}

/**
 * Calls the handler of an unpacked package in a process of its own, as Lambda does.
 *
 * @throws Error with what the handler has thrown.
 */
export async function callFunction(
  records: readonly DynamoDBRecord[],
  { folder, environment, preparation = "" }: FunctionCall,
): Promise<{ readonly answer: DynamoDBBatchResponse; readonly log: string }> {
  const script = `${preparation}
    const context = { getRemainingTimeInMillis: () => 20000 };
    require("./index.js").handler({ Records: ${JSON.stringify(records)} }, context).then((answer) => {
      process.stdout.write(JSON.stringify(answer), () => process.exit());
    }, (error) => {
      process.stderr.write(error.code + ": " + error.message, () => process.exit(1));
    });`;
  const { stdout, stderr } = await run(process.execPath, ["-e", script], {
    cwd: folder,
    env: { ...environment, PATH: process.env["PATH"] },
  });
  return { answer: JSON.parse(stdout), log: stderr };
}

const centralEntry = 0x02014b50;
const endOfDirectory = 0x06054b50;

/** The files of a zip archive, by its central directory. */
export function unzip(zip: Buffer): Map<string, { readonly contents: Buffer; readonly mode: number }> {
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(endOfDirectory).buffer));
  const files = new Map<string, { readonly contents: Buffer; readonly mode: number }>();
  for (let entry = zip.readUInt32LE(end + 16); zip.readUInt32LE(entry) === centralEntry; ) {
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString("utf8", entry + 46, entry + 46 + nameLength);
    const local = zip.readUInt32LE(entry + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const contents = inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(entry + 20)));
    files.set(name, { contents, mode: zip.readUInt32LE(entry + 38) >>> 16 });
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
  return files;
}
