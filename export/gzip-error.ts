import { MigrationError } from "../errors/migration-error";

/** How many packed bytes are inflated at once: at deflate's largest ratio (1,032) they become 33 MB, as a rule 0.3 MB. */
export const INFLATE_SLICE_BYTES = 32 * 1024;

export function truncatedGzip(file: string): MigrationError {
  return new MigrationError("E_EXPORT_FILE_TRUNCATED", `${file} ends before its gzip data does`);
}

export function damagedGzip(file: string, reason: string): MigrationError {
  return new MigrationError("E_EXPORT_FILE_ALTERED", `${file} is damaged: ${reason}`);
}

export function bytesAfterGzip(file: string): MigrationError {
  return new MigrationError("E_EXPORT_FILE_ALTERED", `${file} holds bytes after the end of its gzip data`);
}
