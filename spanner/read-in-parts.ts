import type { RowKey } from "../schema/row-change";
import type { WireValue } from "../schema/wire-value";

type RowValues = readonly WireValue[];

/**
 * Keys or rows of keys in one read. A request and an answer may have 10 MB each
 * (https://cloud.google.com/spanner/quotas, "Request size"; google/spanner/v1/spanner.proto, `Read`), and a key 8 KB, which
 * BYTES in base64 make 11.
 */
export const KEYS_PER_READ = 500;

/**
 * Reads the rows of any number of keys, one part of the keys after the other. Where the answer is too large, each half of
 * that part is asked for alone.
 *
 * @throws what `read` throws
 */
export async function readInParts(
  keys: readonly RowKey[],
  read: (keys: readonly RowKey[]) => Promise<readonly RowValues[]>,
): Promise<readonly RowValues[]> {
  const rows: RowValues[] = [];
  for (let start = 0; start < keys.length; start += KEYS_PER_READ) {
    for (const row of await readInHalves(keys.slice(start, start + KEYS_PER_READ), read)) rows.push(row);
  }
  return rows;
}

async function readInHalves(
  keys: readonly RowKey[],
  read: (keys: readonly RowKey[]) => Promise<readonly RowValues[]>,
): Promise<readonly RowValues[]> {
  try {
    return await read(keys);
  } catch (error) {
    if (keys.length === 1 || !isTooLarge(error)) throw error;
    const middle = Math.ceil(keys.length / 2);
    return [...(await readInHalves(keys.slice(0, middle), read)), ...(await readInHalves(keys.slice(middle), read))];
  }
}

/** An answer of more than 10 MB is refused by Spanner, or is too large for gRPC. */
function isTooLarge(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (/exceeds? (the )?maximum|larger than max|too large|limit of \d+ MB/i.test(cause.message)) return true;
  }
  return false;
}
