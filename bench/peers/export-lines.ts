import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";

const CHUNK_BYTES = 256 * 1024;

/** The lines of all data files below a folder, some at a time. */
export async function* exportLines(folder: string): AsyncGenerator<readonly string[]> {
  for (const file of dataFiles(folder)) yield* fileLines(file);
}

function dataFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json.gz"))
    .map((name) => join(folder, name))
    .sort();
}

async function* fileLines(file: string): AsyncGenerator<readonly string[]> {
  const text = createReadStream(file, { highWaterMark: CHUNK_BYTES }).pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  text.setEncoding("utf8");
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    yield lines;
  }
  if (rest !== "") yield [rest];
}
