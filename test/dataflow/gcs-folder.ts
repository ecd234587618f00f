import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Files } from "../export/export-folder";
import { testStorage } from "../support/storage";

/** Puts files into a bucket, below a prefix. */
export async function uploadFiles(bucket: string, prefix: string, files: Files): Promise<void> {
  const storage = await testStorage();
  for (const [name, content] of files) {
    await storage.bucket(bucket).file(`${prefix}${name}`).save(content, { resumable: false });
  }
}

/** Puts a local folder into a bucket, below a prefix. */
export async function uploadFolder(folder: string, bucket: string, prefix: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path));
  }
  await uploadFiles(bucket, prefix, files);
}

/** The lines of all objects below a prefix. */
export async function objectLines(bucket: string, prefix: string): Promise<readonly string[]> {
  const [objects] = await (await testStorage()).bucket(bucket).getFiles({ prefix });
  const contents = await Promise.all(objects.map(async (object) => String((await object.download())[0])));
  return contents.flatMap((content) => content.trimEnd().split("\n"));
}

export async function objectNames(bucket: string, prefix: string): Promise<readonly string[]> {
  const [objects] = await (await testStorage()).bucket(bucket).getFiles({ prefix });
  return objects.map(({ name }) => name);
}
