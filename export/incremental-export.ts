import { join } from "node:path";
import { MigrationError } from "../errors/migration-error";
import { openFolder } from "../storage/open-folder";
import { MANIFEST_SUMMARY_NAME, sharedDataFileName } from "./manifest";
import { type ExportedTable, type ExportManifests, proofsByName, provenDataFiles } from "./open-export";

/**
 * An incremental export: the newest change of each item that changed in its window. An item that came and went within the
 * window has no line. (Amazon DynamoDB Developer Guide, "DynamoDB table export output format".)
 */
export interface IncrementalExport extends Required<ExportedTable> {
  /** Milliseconds since 1970: the window's begin, which is in it, and its end, which is not. */
  readonly from: number;
  readonly to: number;
}

/** What the images of a line are; a line without a new image is a deletion in both. */
const OUTPUT_VIEWS: readonly (string | undefined)[] = ["NEW_IMAGE", "NEW_IMAGES", "NEW_AND_OLD_IMAGES"];

/**
 * @param manifests of an incremental export, in its own folder; the data lies in the folder `data` beside it
 * @throws MigrationError E_EXPORT_…, E_STORAGE_…
 */
export async function openIncrementalExport(manifests: ExportManifests): Promise<IncrementalExport> {
  const { folder, summary } = manifests;
  const summaryUrl = folder.urlOf(MANIFEST_SUMMARY_NAME);
  const from = timeOf(summary.exportFromTime, "exportFromTime", summaryUrl);
  const to = timeOf(summary.exportToTime, "exportToTime", summaryUrl);
  if (from >= to) throw new MigrationError("E_EXPORT_MANIFEST", `${summaryUrl}: the export ends before it begins`);
  if (!OUTPUT_VIEWS.includes(summary.outputView)) {
    const view = JSON.stringify(summary.outputView);
    throw new MigrationError("E_EXPORT_MANIFEST", `${summaryUrl}: outputView ${view} is none that is known`);
  }
  const above = openFolder(folderAbove(folder.url));
  const proofs = proofsByName(manifests, sharedDataFileName);
  // Names of other exports' files are passed over: the data folder is common to all of them.
  const folders = new Set([...proofs.keys()].map((name) => name.slice(0, name.lastIndexOf("/") + 1)));
  const listed = await Promise.all([...folders].map((prefix) => above.list(prefix)));
  return { url: folder.url, dataFiles: provenDataFiles(above, listed.flat(), proofs), summary, from, to };
}

function folderAbove(url: string): string {
  return url.startsWith("gs://") ? url.slice(0, url.lastIndexOf("/")) : join(url, "..");
}

function timeOf(text: string | undefined, field: string, url: string): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new MigrationError("E_EXPORT_MANIFEST", `${url}: ${field} ${JSON.stringify(text)} is no time`);
}
