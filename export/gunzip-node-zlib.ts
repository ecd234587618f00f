import { createGunzip, type Gunzip } from "node:zlib";
import { bytesAfterGzip, damagedGzip, INFLATE_SLICE_BYTES, truncatedGzip } from "./gzip-error";

const OUTPUT_BYTES = 256 * 1024;

/**
 * See `gunzip`. Inflates in Node's thread pool. Node follows the members of a file by itself, but takes zero bytes after
 * the last one for padding: they show in the number of bytes that it has consumed.
 */
export async function* gunzipWithNodeZlib(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  const inflate = new Inflation(createGunzip({ chunkSize: OUTPUT_BYTES }));
  let given = 0;
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += INFLATE_SLICE_BYTES) {
        const slice = chunk.subarray(start, start + INFLATE_SLICE_BYTES);
        given += slice.length;
        yield* await inflate.give(slice, file);
      }
    }
    yield* await inflate.end(file);
    if (inflate.consumed !== given) {
      throw bytesAfterGzip(file);
    }
  } finally {
    inflate.close();
  }
}

/** The stream with one step at a time, so that its reader sets the pace. */
class Inflation {
  private output: Buffer[] = [];
  private error: NodeJS.ErrnoException | undefined;
  private ended = false;
  private wake: () => void = () => {};

  constructor(private readonly stream: Gunzip) {
    stream.on("data", (bytes: Buffer) => this.output.push(bytes));
    stream.on("error", (error) => {
      this.error = error;
      this.wake();
    });
    stream.on("end", () => {
      this.ended = true;
      this.wake();
    });
  }

  get consumed(): number {
    return this.stream.bytesWritten;
  }

  async give(packed: Buffer, file: string): Promise<readonly Buffer[]> {
    if (this.ended) {
      throw bytesAfterGzip(file);
    }
    return this.step(file, (done) => this.stream.write(packed, done));
  }

  async end(file: string): Promise<readonly Buffer[]> {
    return this.ended ? [] : this.step(file, () => this.stream.end());
  }

  close(): void {
    this.stream.destroy();
  }

  private async step(file: string, start: (done: () => void) => void): Promise<readonly Buffer[]> {
    // At the end of the gzip data, or on an error, the stream never calls `done`.
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      start(() => resolve());
    });
    if (this.error !== undefined) {
      throw this.error.code === "Z_BUF_ERROR" ? truncatedGzip(file) : damagedGzip(file, this.error.message);
    }
    const output = this.output;
    this.output = [];
    return output;
  }
}
