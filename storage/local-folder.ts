import { randomUUID } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { access, link, mkdir, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { MigrationError } from "../errors/migration-error";
import { byName, type FileEntry, type Folder, READ_CHUNK_BYTES } from "./folder";

/** Names that this program gives to files that are not finished; a listing leaves them out. */
const UNFINISHED_PREFIX = ".unfinished-";

/** @param url a path or a `file://` URL; see {@link Folder}. */
export function openLocalFolder(url: string): Folder {
  const root = localPath(url);
  const pathOf = (name: string): string => join(root, ...localParts(name, root));
  return {
    url: root,
    urlOf: pathOf,
    list: (prefix = "") => list(root, prefix),
    read: (name) => readChunks(pathOf(name)),
    readWhole: (name) => describing(pathOf(name), () => readFile(pathOf(name))),
    write: async (name, content) => {
      await writeDurably(pathOf(name), content, rename);
    },
    create: (name, content) => createDurably(pathOf(name), content),
    remove: (name) => remove(pathOf(name)),
    probeWritable: () => probeWritable(root),
  };
}

function localPath(url: string): string {
  if (!/^file:/i.test(url)) {
    return resolve(url);
  }
  try {
    return resolve(fileURLToPath(url));
  } catch (cause) {
    throw new MigrationError("E_STORAGE_URL", `${JSON.stringify(url)} is not the URL of a folder on this machine`, {
      cause,
    });
  }
}

/** Names may come from a manifest: they must not lead out of the folder. */
function localParts(name: string, root: string): string[] {
  const parts = name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0") || part.includes(sep))) {
    throw new MigrationError("E_STORAGE_NOT_FOUND", `${JSON.stringify(name)} is not the name of a file below ${root}`);
  }
  return parts;
}

async function list(root: string, prefix: string): Promise<readonly FileEntry[]> {
  const entries: FileEntry[] = [];
  // Only the part of the prefix before its last slash names a folder; the rest is the beginning of a name.
  const slash = prefix.lastIndexOf("/");
  const start = prefix.slice(0, Math.max(slash, 0));
  await describing(root, () => stat(root));
  await listInto(entries, root, start === "" ? [] : localParts(start, root), prefix);
  return entries.sort(byName);
}

async function listInto(entries: FileEntry[], root: string, parts: readonly string[], prefix: string): Promise<void> {
  const path = join(root, ...parts);
  let children: Dirent[];
  try {
    children = await readdir(path, { withFileTypes: true });
  } catch (cause) {
    if (parts.length > 0 && hasCode(cause, "ENOENT", "ENOTDIR")) {
      return;
    }
    throw describe(path, cause);
  }
  for (const child of children) {
    const name = [...parts, child.name].join("/");
    if (child.isDirectory()) {
      if (name.startsWith(prefix) || prefix.startsWith(`${name}/`)) {
        await listInto(entries, root, [...parts, child.name], prefix);
      }
    } else if (name.startsWith(prefix) && !child.name.startsWith(UNFINISHED_PREFIX)) {
      const childPath = join(path, child.name);
      const found = await describing(childPath, () => stat(childPath));
      if (found.isFile()) {
        entries.push({ name, bytes: found.size });
      }
    }
  }
}

async function* readChunks(path: string): AsyncIterable<Buffer> {
  const file = await describing(path, () => open(path, "r"));
  try {
    for (;;) {
      // A buffer of its own for each chunk: the reader may still hold the one before.
      const chunk = Buffer.allocUnsafeSlow(READ_CHUNK_BYTES);
      const { bytesRead } = await describing(path, () => file.read(chunk, 0, READ_CHUNK_BYTES, null));
      if (bytesRead === 0) {
        return;
      }
      yield bytesRead === READ_CHUNK_BYTES ? chunk : chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * Writes a file that is whole or absent even if the machine loses power: the bytes are on disk under another name
 * before `publish` gives them theirs, and the folder's own entry is on disk before this resolves.
 */
async function writeDurably(
  path: string,
  content: Buffer,
  publish: (unfinished: string, path: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const unfinished = join(folder, `${UNFINISHED_PREFIX}${randomUUID()}`);
  try {
    await makeFolder(folder);
    const file = await open(unfinished, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(unfinished, path);
    await syncFolder(folder);
  } catch (cause) {
    await unlink(unfinished).catch(() => undefined);
    throw describe(path, cause, "E_STORAGE_UNWRITABLE");
  }
}

async function createDurably(path: string, content: Buffer): Promise<boolean> {
  let created = true;
  await writeDurably(path, content, async (unfinished) => {
    try {
      // A hard link, unlike a rename, fails if the name is taken: there is no moment between check and use.
      await link(unfinished, path);
    } catch (cause) {
      if (!hasCode(cause, "EEXIST")) {
        throw cause;
      }
      created = false;
    }
    await unlink(unfinished);
  });
  return created || content.equals(await describing(path, () => readFile(path)));
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if (!hasCode(cause, "ENOENT")) throw describe(path, cause, "E_STORAGE_UNWRITABLE");
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") {
    return; // Windows can't open a folder, and orders its entries itself.
  }
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function probeWritable(root: string): Promise<void> {
  const probe = join(root, `${UNFINISHED_PREFIX}${randomUUID()}`);
  try {
    await makeFolder(root);
    await access(root, constants.W_OK | constants.X_OK);
    // The mode alone does not show a read-only or full file system.
    const file = await open(probe, "wx");
    await file.writeFile("probe").finally(() => file.close());
    await unlink(probe);
  } catch (cause) {
    await unlink(probe).catch(() => undefined);
    throw describe(root, cause, "E_STORAGE_UNWRITABLE");
  }
}

/** Node's own recursive mkdir never ends where a file system answers ENOENT to every attempt, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    return;
  }
  const parent = dirname(path);
  if (parent !== path) {
    await makeFolder(parent);
  }
  try {
    await mkdir(path);
  } catch (cause) {
    // Another writer may have made it meanwhile.
    if (!(hasCode(cause, "EEXIST") && (await stat(path)).isDirectory())) {
      throw cause;
    }
  }
}

async function describing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw describe(path, cause);
  }
}

function describe(
  path: string,
  cause: unknown,
  otherwise: "E_STORAGE_UNREACHABLE" | "E_STORAGE_UNWRITABLE" = "E_STORAGE_UNREACHABLE",
): MigrationError {
  if (cause instanceof MigrationError) {
    return cause;
  }
  if (hasCode(cause, "EACCES", "EPERM", "EROFS")) {
    return new MigrationError("E_STORAGE_PERMISSION", `${path}: permission denied`, { cause });
  }
  if (otherwise !== "E_STORAGE_UNWRITABLE" && hasCode(cause, "ENOENT", "ENOTDIR")) {
    return new MigrationError("E_STORAGE_NOT_FOUND", `${path} does not exist`, { cause });
  }
  if (otherwise !== "E_STORAGE_UNWRITABLE" && hasCode(cause, "EISDIR")) {
    return new MigrationError("E_STORAGE_NOT_FOUND", `${path} is a folder, not a file`, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MigrationError(otherwise, `${path}: ${reason}`, { cause });
}

function hasCode(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof Error && "code" in cause && codes.includes(String(cause.code));
}
