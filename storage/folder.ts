/** One file of a folder, as a listing shows it. */
export interface FileEntry {
  /** Path below the folder, with "/" between its parts. */
  readonly name: string;
  readonly bytes: number;
  /** MD5 of the stored bytes in base64, where the storage service keeps one. */
  readonly md5?: string;
}

/**
 * A folder on this machine or a prefix in a Cloud Storage bucket. Names are relative, with "/" between their parts.
 *
 * Every method throws MigrationError: E_STORAGE_NOT_FOUND, E_STORAGE_PERMISSION, E_STORAGE_UNREACHABLE (after bounded
 * retries) or, when writing, E_STORAGE_UNWRITABLE; the message names the file's or folder's address.
 */
export interface Folder {
  /** The folder's address as a person would write it, without a slash at the end. */
  readonly url: string;
  /** The address of one file. */
  urlOf(name: string): string;
  /** Every file below the folder whose name starts with `prefix`, at any depth, sorted by name (UTF-16 code units). */
  list(prefix?: string): Promise<readonly FileEntry[]>;
  /**
   * The stored bytes of one file, never inflated on the way, in chunks of at most {@link READ_CHUNK_BYTES}. Nothing is
   * opened before the first chunk is asked for; leaving the loop early closes the file.
   * Cloud Storage: an interrupted download goes on where it stopped, and the checksum that the service keeps is
   * compared at the end (E_STORAGE_CORRUPT).
   */
  read(name: string): AsyncIterable<Buffer>;
  /** A small file, whole. */
  readWhole(name: string): Promise<Buffer>;
  /** Writes or replaces a file; a reader sees all of it or nothing. */
  write(name: string, content: Buffer): Promise<void>;
  /** Like {@link write}, but false, and nothing changed, if a file of that name exists with other content. */
  create(name: string, content: Buffer): Promise<boolean>;
  /** Removes a file; one that is not there is no error. */
  remove(name: string): Promise<void>;
  /** Resolves if files can be written here (a local folder is made if absent); leaves nothing behind. */
  probeWritable(): Promise<void>;
}

/** Largest chunk that {@link Folder.read} gives: what reads fastest in our measurements, and short to process. */
export const READ_CHUNK_BYTES = 256 * 1024;

/** Code-unit order, which does not depend on the machine's language as localeCompare does. */
export function byName(a: FileEntry, b: FileEntry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
