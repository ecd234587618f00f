import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { File, FileMetadata } from "@google-cloud/storage";
import { MigrationError } from "../errors/migration-error";
import { READ_CHUNK_BYTES } from "./folder";
import { storageClient } from "./google-client";
import { describeGoogleError, mayPass, withDeadline } from "./google-error";

export interface DownloadLimits {
  /** A download that gives nothing for so long is taken up again. */
  readonly idleSeconds: number;
  /** A download that has got no further for so long, however often it was taken up again, has failed. */
  readonly giveUpSeconds: number;
}

const LIMITS: DownloadLimits = { idleSeconds: 10, giveUpSeconds: 40 };
const PAUSE_MILLISECONDS = 500;

/**
 * The bytes of an object as they are stored. The client library retries until the first byte; after it, a broken
 * connection is taken up again here, at the byte where it broke and on the same generation of the object, and so the
 * checksum of the whole is compared here as well.
 */
export async function* downloadChunks(
  url: string,
  open: () => File,
  limits: DownloadLimits = LIMITS,
): AsyncGenerator<Buffer> {
  const file = open();
  const [metadata] = await withDeadline(url, () => file.getMetadata());
  const size = Number(metadata.size);
  const pinned = file.bucket.file(file.name, { generation: String(metadata.generation) });
  const checksum = startChecksum(metadata);
  let offset = 0;
  let lastProgress = Date.now();
  while (offset < size) {
    let cause: unknown;
    try {
      for await (const chunk of bodyFrom(pinned, offset, limits.idleSeconds)) {
        checksum.update(chunk);
        offset += chunk.length;
        yield* pieces(chunk);
        lastProgress = Date.now();
      }
      cause = new Error(`the download ended after ${offset} of ${size} bytes`);
    } catch (thrown) {
      cause = thrown;
    }
    if (offset < size) {
      if (!mayPass(cause) || Date.now() - lastProgress > limits.giveUpSeconds * 1000) {
        throw describeGoogleError(url, cause);
      }
      await pause(PAUSE_MILLISECONDS);
    }
  }
  if (offset !== size || !checksum.holds()) {
    throw new MigrationError(
      "E_STORAGE_CORRUPT",
      `${url}: what arrived (${offset} of ${size} bytes) does not have the ${checksum.name} checksum of the object`,
    );
  }
}

async function* bodyFrom(file: File, offset: number, idleSeconds: number): AsyncGenerator<Buffer> {
  const body = file.createReadStream({
    decompress: false,
    validation: false,
    ...(offset === 0 ? {} : { start: offset }),
  });
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Only the wait for the server is timed, not what the reader does with the chunk.
      const timer = setTimeout(() => {
        body.destroy(new Error(`nothing came for ${idleSeconds} seconds`));
      }, idleSeconds * 1000);
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
