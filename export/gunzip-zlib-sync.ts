import { Inflate, Z_OK, Z_STREAM_END, Z_SYNC_FLUSH } from "zlib-sync";
import { gunzipWithNodeZlib } from "./gunzip-node-zlib";
import { bytesAfterGzip, damagedGzip, INFLATE_SLICE_BYTES, truncatedGzip } from "./gzip-error";

/** 15 bits of window, and 16 for "gzip with its header, CRC-32 and length" (zlib.h, inflateInit2). */
const GZIP_WINDOW_BITS = 15 + 16;
const OUTPUT_BYTES = 512 * 1024;
/** How a member begins: the magic number and the only compression method that gzip has (RFC 1952). */
const MEMBER_START = Buffer.from([0x1f, 0x8b, 0x08]);
const EMPTY = Buffer.alloc(0);

/**
 * zlib-sync 0.1.10 never frees the 45 KB of an Inflate. So many of them are used in one process (12 MB); further members
 * are inflated by node:zlib.
 */
const processBudget: InflateBudget = { left: 256 };

/** How many Inflate objects may still be made. */
export interface InflateBudget {
  left: number;
}

/**
 * See `gunzip`. zlib-sync does not tell how much of its input a finished member has used, so the input is cut where a
 * member may end: before each {@link MEMBER_START} and at the end of the file. The last byte before such a place is given
 * alone. If it finishes the member, the member ends exactly there; a member that finishes anywhere else is followed by
 * something that is no member.
 */
export async function* gunzipWithZlibSync(
  packed: AsyncIterable<Buffer>,
  file: string,
  budget: InflateBudget = processBudget,
): AsyncGenerator<Buffer> {
  const chunks = packed[Symbol.asyncIterator]();
  try {
    if (budget.left === 0) {
      yield* gunzipWithNodeZlib(remaining(EMPTY, chunks), file);
      return;
    }
    let member = startMember(file, budget);
    let data: Buffer = EMPTY;
    // Where to look for the start of a member: not at byte 0 if it is known that one starts, or may start, there.
    let searchFrom = 1;
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) {
        break;
      }
      data = data.length === 0 ? next.value : Buffer.concat([data, next.value]);
      let position = 0;
      for (;;) {
        const start = data.indexOf(MEMBER_START, position + searchFrom);
        if (start === -1) {
          break;
        }
        yield* member.inflate(data.subarray(position, start - 1));
        yield* member.inflate(data.subarray(start - 1, start));
        position = start;
        searchFrom = 1;
        if (member.ended) {
          if (budget.left === 0) {
            yield* gunzipWithNodeZlib(remaining(data.subarray(position), chunks), file);
            return;
          }
          member = startMember(file, budget);
        }
      }
      // A member may start in the last two bytes or with the next chunk: the byte before that must not be given yet.
      const safe = data.length - MEMBER_START.length;
      if (safe > position) {
        yield* member.inflate(data.subarray(position, safe));
        position = safe;
        searchFrom = 0;
      }
      data = data.subarray(position);
    }
    yield* member.inflate(data.subarray(0, -1));
    yield* member.inflate(data.subarray(-1));
    if (!member.ended) {
      throw truncatedGzip(file);
    }
  } finally {
    await chunks.return?.();
  }
}

function startMember(file: string, budget: InflateBudget): Member {
  budget.left--;
  return new Member(file);
}

async function* remaining(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) {
    yield first;
  }
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    yield next.value;
  }
}

class Member {
  ended = false;
  private readonly inflater = new Inflate({ windowBits: GZIP_WINDOW_BITS, chunkSize: OUTPUT_BYTES });

  constructor(private readonly file: string) {}

  *inflate(packed: Buffer): Iterable<Buffer> {
    for (let start = 0; start < packed.length; start += INFLATE_SLICE_BYTES) {
      if (this.ended) {
        throw bytesAfterGzip(this.file);
      }
      // The flush makes `result` this call's output alone. What does not fit into zlib-sync's buffer comes with the next
      // call: there is one, for a member ends with eight bytes that are read after the last of its output.
      this.inflater.push(packed.subarray(start, start + INFLATE_SLICE_BYTES), Z_SYNC_FLUSH);
      const { err } = this.inflater;
      if (err !== Z_OK && err !== Z_STREAM_END) {
        throw damagedGzip(this.file, `zlib reports "${this.inflater.msg}"`);
      }
      this.ended = err === Z_STREAM_END;
      // Reading `result` copies it: once is enough.
      const { result } = this.inflater;
      if (Buffer.isBuffer(result) && result.length > 0) {
        yield result;
      }
    }
  }
}
