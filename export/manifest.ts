import { z } from "zod";
import { MigrationError } from "../errors/migration-error";

/**
 * `manifest-summary.json` of an export. Shape: Amazon DynamoDB Developer Guide, "DynamoDB table export output format".
 * DynamoDB writes it last: an export without it has not finished.
 */
export const manifestSummarySchema = z.looseObject({
  /** "2020-06-30" for full exports, "2023-08-01" for incremental ones. */
  version: z.string().optional(),
  exportArn: z.string().optional(),
  /** Times are RFC 3339 with milliseconds, in UTC. */
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  tableArn: z.string().optional(),
  tableId: z.string().optional(),
  /** The point in time whose state of the table was exported. */
  exportTime: z.string().optional(),
  s3Bucket: z.string().optional(),
  s3Prefix: z.string().nullish(),
  s3SseAlgorithm: z.string().nullish(),
  s3SseKmsKeyId: z.string().nullish(),
  manifestFilesS3Key: z.string().min(1),
  billedSizeBytes: z.number().nonnegative().optional(),
  itemCount: z.int().nonnegative(),
  /** "DYNAMODB_JSON" or "ION". */
  outputFormat: z.string(),
  /** Absent in exports from before incremental ones came (2023). */
  exportType: z.string().optional(),
  /** Incremental exports only. */
  exportFromTime: z.string().optional(),
  exportToTime: z.string().optional(),
  outputView: z.string().optional(),
});
export type ManifestSummary = z.infer<typeof manifestSummarySchema>;

/** One line of `manifest-files.json`: a data file, with the MD5 (in base64) of its bytes as they lie in S3. */
export const manifestFileSchema = z.looseObject({
  itemCount: z.int().nonnegative(),
  md5Checksum: z.string(),
  etag: z.string().optional(),
  dataFileS3Key: z.string().min(1),
});
export type ManifestFile = z.infer<typeof manifestFileSchema>;

export const MANIFEST_SUMMARY_NAME = "manifest-summary.json";
export const MANIFEST_FILES_NAME = "manifest-files.json";

/** `exportType`; a full export from before incremental ones came has none. */
export type ExportType = "FULL_EXPORT" | "INCREMENTAL_EXPORT";

/**
 * @param types which exports are wanted
 * @throws MigrationError E_EXPORT_MANIFEST, E_EXPORT_FORMAT, E_EXPORT_INCREMENTAL, E_EXPORT_INCOMPLETE
 */
export function parseManifestSummary(
  text: string,
  url: string,
  types: readonly ExportType[] = ["FULL_EXPORT"],
): ManifestSummary {
  const json = parseJson(text, url);
  refuseUnsupported(json, url, types);
  return validate(manifestSummarySchema, json, url);
}

/** @throws MigrationError E_EXPORT_MANIFEST */
export function parseManifestFiles(text: string, url: string): readonly ManifestFile[] {
  const files: ManifestFile[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") {
      const place = `${url}, line ${index + 1}`;
      files.push(validate(manifestFileSchema, parseJson(line, place), place));
    }
  }
  return files;
}

/**
 * Where a data file lies below the export's own folder. The key's beginning is not looked at: the export may have been
 * copied to a bucket and prefix that the manifest knows nothing of.
 * @param manifestFilesKey `manifestFilesS3Key`, which lies in the same folder
 * @throws MigrationError E_EXPORT_MANIFEST
 */
export function relativeDataFileName(dataFileKey: string, manifestFilesKey: string, url: string): string {
  const folder = manifestFilesKey.slice(0, manifestFilesKey.lastIndexOf("/") + 1);
  const [, afterExport] = /(?:^|\/)AWSDynamoDB\/[^/]+\/(.+)$/s.exec(dataFileKey) ?? [];
  const name = afterExport ?? (dataFileKey.startsWith(folder) ? dataFileKey.slice(folder.length) : undefined);
  if (name === undefined || name.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new MigrationError(
      "E_EXPORT_MANIFEST",
      `${url}: the data file ${JSON.stringify(dataFileKey)} does not lie in the export's folder ${JSON.stringify(folder)}`,
    );
  }
  return name;
}

/**
 * Where a data file of an incremental export lies below the folder that holds the export's own: DynamoDB puts the data of
 * all incremental exports of a prefix into one folder `data` beside theirs.
 * @throws MigrationError E_EXPORT_MANIFEST
 */
export function sharedDataFileName(dataFileKey: string, manifestFilesKey: string, url: string): string {
  const [, above, own] = /^(.*?)([^/]+)\/[^/]+$/s.exec(manifestFilesKey) ?? [];
  if (above === undefined || own === undefined) {
    throw new MigrationError(
      "E_EXPORT_MANIFEST",
      `${url}: ${JSON.stringify(manifestFilesKey)} lies in no export's folder`,
    );
  }
  const [, shared] = /(?:^|\/)AWSDynamoDB\/(data\/[^/]+)$/s.exec(dataFileKey) ?? [];
  if (shared !== undefined) return shared;
  return `${own}/${relativeDataFileName(dataFileKey, manifestFilesKey, url)}`;
}

/** An MD5 as base64, from base64 (as DynamoDB writes it) or from hexadecimal digits; undefined if it is neither. */
export function md5AsBase64(text: string): string | undefined {
  if (/^[0-9a-f]{32}$/i.test(text)) {
    return Buffer.from(text, "hex").toString("base64");
  }
  return /^[A-Za-z0-9+/]{22}==$/.test(text) ? text : undefined;
}

/** What this program can't load is refused by name, before the shape of the rest is looked at. */
function refuseUnsupported(json: unknown, url: string, types: readonly string[]): void {
  const fields = z.looseObject({}).safeParse(json).data ?? {};
  const { exportType, outputFormat, exportStatus } = fields;
  if (typeof exportStatus === "string" && exportStatus !== "COMPLETED") {
    throw new MigrationError("E_EXPORT_INCOMPLETE", `${url}: the export's status is ${exportStatus}, not COMPLETED`);
  }
  if (typeof exportType === "string" && !types.includes(exportType)) {
    const wanted = types.join(" or ");
    throw new MigrationError("E_EXPORT_INCREMENTAL", `${url}: the export's type is ${exportType}, not ${wanted}`);
  }
  if (typeof outputFormat === "string" && outputFormat !== "DYNAMODB_JSON") {
    throw new MigrationError("E_EXPORT_FORMAT", `${url}: the export's format is ${outputFormat}, not DYNAMODB_JSON`);
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MigrationError("E_EXPORT_MANIFEST", `${place} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function validate<T>(schema: z.ZodType<T>, json: unknown, place: string): T {
  const result = schema.safeParse(json);
  if (result.success) {
    return result.data;
  }
  const details = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new MigrationError("E_EXPORT_MANIFEST", `${place} is not a manifest of a DynamoDB export`, { details });
}
