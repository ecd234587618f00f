import { gunzipWithNodeZlib } from "./gunzip-node-zlib";
import { gunzipWithZlibSync } from "./gunzip-zlib-sync";

/** Which implementation of zlib inflates. Both give the same bytes and refuse the same files. */
export type GunzipEngine = "zlib-sync" | "node:zlib";

/**
 * Inflates a gzip file of one or more members as its bytes arrive. Proven at the end: every member's CRC-32 and length,
 * that the last member is whole, and that nothing follows it.
 *
 * @param chunks the file's bytes, cut anywhere.
 * @param file named in errors.
 * @throws MigrationError E_EXPORT_FILE_TRUNCATED if the bytes end too early, E_EXPORT_FILE_ALTERED if they are not one
 * whole gzip file; everything inflated before the fault has been given out by then.
 */
export function gunzip(
  chunks: AsyncIterable<Buffer>,
  file: string,
  engine: GunzipEngine = "zlib-sync",
): AsyncGenerator<Buffer> {
  return engine === "zlib-sync" ? gunzipWithZlibSync(chunks, file) : gunzipWithNodeZlib(chunks, file);
}
