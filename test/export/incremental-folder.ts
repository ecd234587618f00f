import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { ManifestFile } from "../../export/manifest";
import type { Item } from "../../schema/attribute-value";
import { type Files, setManifest } from "./export-folder";

export interface IncrementalOptions {
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly view?: "NEW_IMAGE" | "NEW_AND_OLD_IMAGES";
  readonly exportId?: string;
  /** Takes the place of fields of `manifest-summary.json`. */
  readonly summary?: object;
}

/** A line of an incremental export, as DynamoDB writes it; without a new image it is a deletion. */
export function incrementalLine(keys: Item, micros: string | number, newImage?: Item, oldImage?: Item): string {
  return JSON.stringify({
    Metadata: { WriteTimestampMicros: { N: String(micros) } },
    Keys: keys,
    ...(newImage === undefined ? {} : { NewImage: newImage }),
    ...(oldImage === undefined ? {} : { OldImage: oldImage }),
  });
}

/** Microseconds since 1970 of a time in RFC 3339, and some more. */
export function microsOf(time: string, more = 0): string {
  return String(BigInt(Date.parse(time)) * 1000n + BigInt(more));
}

/**
 * A small incremental export as DynamoDB lays it out: manifests in a folder of its own, data in the folder `data` beside
 * it, which all incremental exports of one prefix share.
 */
export function incrementalFiles(
  dataFiles: Readonly<Record<string, readonly string[]>>,
  { from, to, view = "NEW_AND_OLD_IMAGES", exportId = idOf(from, to), summary = {} }: IncrementalOptions,
): Files {
  const prefix = "exports/2023-Nov/AWSDynamoDB";
  const files: Files = new Map([[`AWSDynamoDB/${exportId}/_started`, Buffer.alloc(0)]]);
  const manifestFiles = Object.entries(dataFiles).map(([name, lines]): ManifestFile => {
    const packed = gzipSync(lines.map((line) => `${line}\n`).join(""));
    files.set(`AWSDynamoDB/data/${name}`, packed);
    const md5 = createHash("md5").update(packed).digest();
    return {
      itemCount: lines.length,
      md5Checksum: md5.toString("base64"),
      etag: `${md5.toString("hex")}-1`,
      dataFileS3Key: `${prefix}/data/${name}`,
    };
  });
  const path = `AWSDynamoDB/${exportId}`;
  const text = {
    version: "2023-08-01",
    exportArn: `arn:aws:dynamodb:us-east-1:123456789012:table/Migration/export/${exportId}`,
    startTime: to,
    endTime: to,
    tableArn: "arn:aws:dynamodb:us-east-1:123456789012:table/Migration",
    tableId: "12345a12-abcd-123a-ab12-1234abc12345",
    exportFromTime: from,
    exportToTime: to,
    s3Bucket: "somewhere-else",
    s3Prefix: "exports/2023-Nov",
    s3SseAlgorithm: "AES256",
    s3SseKmsKeyId: null,
    manifestFilesS3Key: `${prefix}/${exportId}/manifest-files.json`,
    billedSizeBytes: 0,
    itemCount: manifestFiles.reduce((sum, { itemCount }) => sum + itemCount, 0),
    outputFormat: "DYNAMODB_JSON",
    outputView: view,
    exportType: "INCREMENTAL_EXPORT",
    ...summary,
  };
  setManifest(files, `${path}/manifest-files`, manifestFiles.map((file) => `${JSON.stringify(file)}\n`).join(""));
  setManifest(files, `${path}/manifest-summary`, JSON.stringify(text));
  return files;
}

function idOf(from: string, to: string): string {
  return `0${Date.parse(to)}-${createHash("md5").update(from).digest("hex").slice(0, 8)}`;
}
