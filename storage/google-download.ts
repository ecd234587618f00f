import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { File, FileMetadata } from "@google-cloud/storage";
import { MigrationError } from "../errors/migration-error";
import { READ_CHUNK_BYTES } from "./folder";
import { storageClient } from "./google-client";
import { describeGoogleError, mayPass, withDeadline } from "./google-error";

/** How often a download is taken up again without a single further byte having come. */
const FRUITLESS_ATTEMPTS = 4;
/** A download that gives nothing for so long is taken up again. */
const IDLE_SECONDS = 10;
const PAUSE_MILLISECONDS = 500;

/**
 * The bytes of an object as they are stored. The client library retries until the first byte; after it, a broken
 * connection is taken up again here, at the byte where it broke and on the same generation of the object, and so the
 * checksum of the whole is compared here as well.
 */
export async function* downloadChunks(url: string, open: () => File): AsyncIterable<Buffer> {
  const file = open();
  const [metadata] = await withDeadline(url, () => file.getMetadata());
  const size = Number(metadata.size);
  const pinned = file.bucket.file(file.name, { generation: String(metadata.generation) });
  const checksum = startChecksum(metadata);
  let offset = 0;
  let fruitless = 0;
  while (offset < size) {
    const before = offset;
    let cause: unknown = new Error(`the download ended after ${offset} of ${size} bytes`);
    try {
      for await (const chunk of bodyFrom(pinned, offset)) {
        checksum.update(chunk);
        offset += chunk.length;
        yield* pieces(chunk);
      }
      cause = new Error(`the download ended after ${offset} of ${size} bytes`);
    } catch (thrown) {
      if (!mayPass(thrown)) {
        throw describeGoogleError(url, thrown);
      }
      cause = thrown;
    }
    fruitless = offset > before ? 0 : fruitless + 1;
    if (fruitless === FRUITLESS_ATTEMPTS) {
      throw describeGoogleError(url, cause);
    }
    if (offset < size) {
      await pause(PAUSE_MILLISECONDS * 2 ** fruitless);
    }
  }
  if (offset !== size || !checksum.holds()) {
    throw new MigrationError(
      "E_STORAGE_CORRUPT",
      `${url}: what arrived (${offset} of ${size} bytes) does not have the ${checksum.name} checksum of the object`,
    );
  }
}

async function* bodyFrom(file: File, offset: number): AsyncIterable<Buffer> {
  const body = file.createReadStream({
    decompress: false,
    validation: false,
    ...(offset === 0 ? {} : { start: offset }),
  });
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Only the wait for the server is timed, not what the reader does with the chunk.
      const timer = setTimeout(
        () => body.destroy(new Error(`nothing came for ${IDLE_SECONDS} seconds`)),
        IDLE_SECONDS * 1000,
      );
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}

function* pieces(chunk: Buffer): Iterable<Buffer> {
  for (let start = 0; start < chunk.length; start += READ_CHUNK_BYTES) {
    yield chunk.subarray(start, start + READ_CHUNK_BYTES);
  }
}

interface Checksum {
  readonly name: string;
  update(chunk: Buffer): void;
  holds(): boolean;
}

/** MD5 where the object has one (native, fast); composite objects have a CRC32C only. */
function startChecksum({ md5Hash, crc32c }: FileMetadata): Checksum {
  if (md5Hash !== undefined) {
    const md5 = createHash("md5");
    return { name: "MD5", update: (chunk) => void md5.update(chunk), holds: () => md5.digest("base64") === md5Hash };
  }
  const running = storageClient().crc32cGenerator();
  return {
    name: "CRC32C",
    update: (chunk) => running.update(chunk),
    // Every object has one; a server that gives none (an emulator) leaves nothing to compare.
    holds: () => crc32c === undefined || running.validate(crc32c),
  };
}
