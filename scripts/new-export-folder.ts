import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../errors/migration-error";

/**
 * Makes sure that `folder` holds no export yet: a load could not tell two apart.
 *
 * @param replace removes `<folder>/AWSDynamoDB` (nothing else) where it exists.
 * @throws MigrationError E_EXPORT_EXISTS
 */
export async function requireNoExport(folder: string, { replace }: { readonly replace: boolean }): Promise<void> {
  const exports = join(folder, "AWSDynamoDB");
  if (replace) {
    await rm(exports, { recursive: true, force: true });
    return;
  }
  const present = await readdir(exports).catch((error: NodeJS.ErrnoException) => {
    // What hinders writing there is found, and told better, by the writing.
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  if (present.length > 0) {
    throw new MigrationError("E_EXPORT_EXISTS", `${folder} holds the export ${present.join(", ")} already`);
  }
}
