import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ManifestFile, ManifestSummary } from "../../export/manifest";

/** The export's folder below the one that it was written to. */
export const EXPORT_PATH = "AWSDynamoDB/01700000000000-0a1b2c3d";
const NEWLINE = Buffer.from("\n");
const S3_PREFIX = "exports/2023-Nov";

/** Files of a folder by their relative names. */
export type Files = Map<string, Buffer>;

/** A small export as DynamoDB lays it out, for a test to spoil. Each data file is given by its lines, as text or bytes. */
export function exportFiles(
  dataFiles: Readonly<Record<string, readonly (string | Buffer)[]>>,
  change: { readonly summary?: object; readonly path?: string } = {},
): Files {
  const path = change.path ?? EXPORT_PATH;
  const files: Files = new Map([[`${path}/_started`, Buffer.alloc(0)]]);
  const manifestFiles: ManifestFile[] = [];
  for (const [name, lines] of Object.entries(dataFiles)) {
    const packed = gzipSync(
      Buffer.concat(lines.flatMap((line) => [typeof line === "string" ? Buffer.from(line) : line, NEWLINE])),
    );
    files.set(`${path}/data/${name}`, packed);
    manifestFiles.push({
      itemCount: lines.length,
      md5Checksum: md5(packed),
      etag: `${createHash("md5").update(packed).digest("hex")}-1`,
      dataFileS3Key: `${S3_PREFIX}/${path}/data/${name}`,
    });
  }
  const summary: ManifestSummary = {
    version: "2020-06-30",
    exportArn: "arn:aws:dynamodb:us-east-1:123456789012:table/Migration/export/01700000000000-0a1b2c3d",
    startTime: "2023-11-14T22:13:20.000Z",
    endTime: "2023-11-14T22:18:20.000Z",
    tableArn: "arn:aws:dynamodb:us-east-1:123456789012:table/Migration",
    tableId: "12345a12-abcd-123a-ab12-1234abc12345",
    exportTime: "2023-11-14T22:13:20.000Z",
    s3Bucket: "somewhere-else",
    s3Prefix: S3_PREFIX,
    s3SseAlgorithm: "AES256",
    s3SseKmsKeyId: null,
    manifestFilesS3Key: `${S3_PREFIX}/${path}/manifest-files.json`,
    billedSizeBytes: 0,
    itemCount: manifestFiles.reduce((sum, { itemCount }) => sum + itemCount, 0),
    outputFormat: "DYNAMODB_JSON",
    exportType: "FULL_EXPORT",
    ...change.summary,
  };
  setManifest(files, `${path}/manifest-files`, manifestFiles.map((file) => `${JSON.stringify(file)}\n`).join(""));
  setManifest(files, `${path}/manifest-summary`, JSON.stringify(summary));
  return files;
}

/** Sets a manifest together with its checksum file. */
export function setManifest(files: Files, name: string, text: string): void {
  files.set(`${name}.json`, Buffer.from(text));
  files.set(`${name}.md5`, Buffer.from(md5(Buffer.from(text))));
}

export function md5(content: Buffer): string {
  return createHash("md5").update(content).digest("base64");
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, content] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** In a `describe` block: a new, empty folder for each test, removed after it. */
export function useFolder(): () => string {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynamodb-spanner-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
