import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { MigrationError } from "../errors/migration-error";
import {
  MANIFEST_FILES_NAME,
  MANIFEST_SUMMARY_NAME,
  type ManifestFile,
  type ManifestSummary,
} from "../export/manifest";
import type { Item } from "../schema/attribute-value";

/** Items some hundreds at a time: a promise for each item would cost more than the item. */
export type ItemPages = Iterable<readonly Item[]> | AsyncIterable<readonly Item[]>;

export interface ExportOptions {
  /** The folder in which `AWSDynamoDB/<exportId>` is made; an S3 bucket's place. */
  readonly folder: string;
  readonly table: string;
  /** As DynamoDB forms it: 14 digits, a dash, 8 hexadecimal digits. */
  readonly exportId: string;
  readonly startTime: Date;
  /** The point in time that the export shows. */
  readonly exportTime: Date;
  /** Asked for when the data files are written. */
  readonly endTime: () => Date;
  /** The pages of items of each data file. All files are written at the same time, none is kept in memory. */
  readonly dataFiles: readonly ItemPages[];
  /** Told now and then how many more items were written. */
  readonly onItems?: (count: number) => void;
}

export interface WrittenExport {
  /** `<folder>/AWSDynamoDB/<exportId>` */
  readonly path: string;
  readonly summary: ManifestSummary;
  readonly files: readonly ManifestFile[];
  /** Packed size of all data files. */
  readonly bytes: number;
}

const region = "us-east-1";
const account = "123456789012";
const bucket = "local-export";

const gzipBufferBytes = 256 * 1024;

/**
 * Writes items as DynamoDB's own "Export to S3" does: gzipped DynamoDB JSON lines, manifests with counts and MD5s, and
 * their checksum files. (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html)
 *
 * The summary is written last, as DynamoDB does: an export that was interrupted has none. One that failed is removed.
 *
 * @throws MigrationError E_STORAGE_UNWRITABLE, and whatever `dataFiles` throw.
 */
export async function writeExport(options: ExportOptions): Promise<WrittenExport> {
  const path = join(options.folder, "AWSDynamoDB", options.exportId);
  try {
    return await writeFiles(path, options);
  } catch (error) {
    await rm(path, { recursive: true, force: true }).catch(() => {});
    throw isFileError(error)
      ? new MigrationError("E_STORAGE_UNWRITABLE", `${error.path} can't be written: ${error.message}`, { cause: error })
      : error;
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "path" in error;
}

async function writeFiles(path: string, options: ExportOptions): Promise<WrittenExport> {
  const key = `AWSDynamoDB/${options.exportId}`;
  await mkdir(join(path, "data"), { recursive: true });
  await writeFile(join(path, "_started"), "");
  const written = await Promise.all(
    options.dataFiles.map(async (pages, index) => {
      const name = dataFileName(options.exportId, index);
      const file = await writeDataFile(join(path, "data", name), pages, options.onItems);
      return { manifest: manifestFile(`${key}/data/${name}`, file), bytes: file.bytes };
    }),
  );
  const files = written.map(({ manifest }) => manifest);
  const summary = manifestSummary(options, `${key}/${MANIFEST_FILES_NAME}`, files);
  await writeWithChecksum(path, MANIFEST_FILES_NAME, files.map((file) => `${JSON.stringify(file)}\n`).join(""));
  await writeWithChecksum(path, MANIFEST_SUMMARY_NAME, JSON.stringify(summary));
  return { path, summary, files, bytes: written.reduce((sum, { bytes }) => sum + bytes, 0) };
}

interface DataFile {
  readonly itemCount: number;
  readonly bytes: number;
  readonly md5: Buffer;
}

async function writeDataFile(
  path: string,
  pages: ItemPages,
  onItems: (count: number) => void = () => {},
): Promise<DataFile> {
  const hash = createHash("md5");
  let bytes = 0;
  let itemCount = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const page of pages) {
      itemCount += page.length;
      yield page.map((item) => `${JSON.stringify({ Item: item })}\n`).join("");
      onItems(page.length);
    }
  }
  const measure = hashing(hash, (length) => {
    bytes += length;
  });
  const gzip = createGzip({ chunkSize: gzipBufferBytes });
  await pipeline(lines, gzip, measure, createWriteStream(path));
  return { itemCount, bytes, md5: hash.digest() };
}

function hashing(hash: Hash, onBytes: (length: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
}

function manifestFile(dataFileS3Key: string, { itemCount, md5 }: DataFile): ManifestFile {
  // S3's ETag of an object that was uploaded in one part: the MD5 of the parts' MD5s, a dash, the number of parts.
  const etag = `${createHash("md5").update(md5).digest("hex")}-1`;
  return { itemCount, md5Checksum: md5.toString("base64"), etag, dataFileS3Key };
}

function manifestSummary(
  options: ExportOptions,
  manifestFilesS3Key: string,
  files: readonly ManifestFile[],
): ManifestSummary {
  const tableArn = `arn:aws:dynamodb:${region}:${account}:table/${options.table}`;
  return {
    version: "2020-06-30",
    exportArn: `${tableArn}/export/${options.exportId}`,
    startTime: options.startTime.toISOString(),
    endTime: options.endTime().toISOString(),
    tableArn,
    tableId: uuid(tableArn),
    exportTime: options.exportTime.toISOString(),
    s3Bucket: bucket,
    s3Prefix: null,
    s3SseAlgorithm: "AES256",
    s3SseKmsKeyId: null,
    manifestFilesS3Key,
    billedSizeBytes: 0,
    itemCount: files.reduce((sum, file) => sum + file.itemCount, 0),
    outputFormat: "DYNAMODB_JSON",
    exportType: "FULL_EXPORT",
  };
}

async function writeWithChecksum(folder: string, name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
  await writeFile(join(folder, name.replace(/\.json$/, ".md5")), createHash("md5").update(text).digest("base64"));
}

/** The identifier of an export that starts at this time; `source` tells apart those that start together. */
export function exportIdOf(startTime: Date, source: string): string {
  const milliseconds = String(startTime.getTime()).padStart(14, "0");
  return `${milliseconds}-${createHash("sha256").update(source).digest("hex").slice(0, 8)}`;
}

/** 26 letters and digits that look random, as DynamoDB's do, and are the same for the same export. */
function dataFileName(exportId: string, index: number): string {
  const digits = BigInt(`0x${createHash("sha256").update(`${exportId}/${index}`).digest("hex")}`).toString(36);
  return `${digits.slice(0, 26)}.json.gz`;
}

function uuid(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
