import { createHash } from "node:crypto";
import { MigrationError } from "../errors/migration-error";
import type { FileEntry, Folder } from "../storage/folder";
import { openFolder } from "../storage/open-folder";
import { locateExport } from "./locate-export";
import {
  type ExportType,
  MANIFEST_FILES_NAME,
  MANIFEST_SUMMARY_NAME,
  type ManifestFile,
  type ManifestSummary,
  md5AsBase64,
  parseManifestFiles,
  parseManifestSummary,
  relativeDataFileName,
} from "./manifest";

/** One data file of an export. Plain data: it is an element of the bulk pipeline. */
export interface DataFile {
  /** Address of the folder that `name` is relative to. */
  readonly folder: string;
  readonly name: string;
  /** Address of the file: what errors, dead letters and the summary call it. */
  readonly url: string;
  /** Packed size as listed. */
  readonly bytes: number;
  /** What the manifest says of the file; absent without a manifest. */
  readonly proof?: FileProof;
  /** Set where a load keeps a record of its progress: lines that are not to be handed on, in order, with gaps between. */
  readonly finished?: readonly FinishedLines[];
}

/** Lines of a data file that earlier runs of a load have finished. */
export interface FinishedLines {
  readonly firstLine: number;
  readonly lastLine: number;
  /** CRC-32 of the file's lines up to `lastLine`, each with its newline. */
  readonly checksum: number;
}

export interface FileProof {
  readonly itemCount: number;
  /** MD5 of the packed bytes, in base64. */
  readonly md5: string;
}

export interface ExportedTable {
  /** Address of the export's own folder. */
  readonly url: string;
  /** In the order of their names. */
  readonly dataFiles: readonly DataFile[];
  /** Absent when the export was opened without its manifest: then nothing proves that the files are whole and all. */
  readonly summary?: ManifestSummary;
}

/**
 * Opens the export that a folder is, holds or lies above, and checks all that can be checked before a byte of data is
 * read: manifests and their checksum files, format, counts, and that the data folder holds the files of the manifest, no
 * fewer and no others (with the right MD5, where the storage service tells it).
 *
 * @throws MigrationError E_EXPORT_…, E_STORAGE_…
 */
export async function openExport(url: string): Promise<ExportedTable> {
  return openFullExport(await readManifests(await locateExport(openFolder(url)), ["FULL_EXPORT"]));
}

/** The manifests of an export, proven by their checksum files. */
export interface ExportManifests {
  readonly folder: Folder;
  /** What lies in the export's folder. */
  readonly entries: readonly FileEntry[];
  readonly summary: ManifestSummary;
  readonly files: readonly ManifestFile[];
}

/**
 * @param folder an export's own
 * @throws MigrationError E_EXPORT_…, E_STORAGE_…
 */
export async function readManifests(folder: Folder, types: readonly ExportType[]): Promise<ExportManifests> {
  const entries = await folder.list();
  const names = new Set(entries.map((entry) => entry.name));
  for (const name of [MANIFEST_SUMMARY_NAME, MANIFEST_FILES_NAME]) {
    if (!names.has(name)) {
      throw new MigrationError("E_EXPORT_INCOMPLETE", `${folder.url} has no ${name}, which DynamoDB writes at the end`);
    }
  }
  const summaryText = await readManifest(folder, names, MANIFEST_SUMMARY_NAME);
  const summary = parseManifestSummary(summaryText, folder.urlOf(MANIFEST_SUMMARY_NAME), types);
  const filesUrl = folder.urlOf(MANIFEST_FILES_NAME);
  const files = parseManifestFiles(await readManifest(folder, names, MANIFEST_FILES_NAME), filesUrl);
  return { folder, entries, summary, files };
}

/** @throws MigrationError E_EXPORT_… */
export function openFullExport(manifests: ExportManifests): ExportedTable {
  const { folder, entries, summary } = manifests;
  const proofs = proofsByName(manifests, relativeDataFileName);
  const unexpected = entries.map(({ name }) => name).filter((name) => isData(name) && !proofs.has(name));
  const dataFiles = provenDataFiles(folder, entries, proofs);
  refuse("E_EXPORT_FILE_UNEXPECTED", "is not named by the manifest", folder, unexpected);
  return { url: folder.url, dataFiles, summary };
}

/**
 * Takes every *.json.gz at any depth below a folder for a data file, whatever any manifest says.
 * @throws MigrationError E_EXPORT_NOT_FOUND if there is none, E_STORAGE_…
 */
export async function openWithoutManifest(url: string): Promise<ExportedTable> {
  const folder = openFolder(url);
  const entries = await folder.list();
  const dataFiles = entries.filter(({ name }) => name.endsWith(".json.gz")).map((entry) => dataFile(folder, entry));
  if (dataFiles.length === 0) {
    throw new MigrationError("E_EXPORT_NOT_FOUND", `${folder.url} holds no *.json.gz file`);
  }
  return { url: folder.url, dataFiles };
}

async function readManifest(folder: Folder, names: ReadonlySet<string>, name: string): Promise<string> {
  const content = await folder.readWhole(name);
  const md5 = createHash("md5").update(content).digest("base64");
  // ".md5" is what DynamoDB writes; its documentation says ".checksum".
  for (const extension of [".md5", ".checksum"]) {
    const checksumName = name.replace(/\.json$/, extension);
    if (names.has(checksumName)) {
      const [recorded = ""] = (await folder.readWhole(checksumName)).toString("latin1").trim().split(/\s+/);
      if (md5AsBase64(recorded) !== md5) {
        throw new MigrationError(
          "E_EXPORT_MANIFEST",
          `${folder.urlOf(name)} was altered: its MD5 is ${md5}, ${checksumName} says ${JSON.stringify(recorded)}`,
        );
      }
    }
  }
  return content.toString("utf8");
}

/**
 * What the manifests say of each data file.
 * @param nameOf the name of a data file by its key in S3, that of the manifest of files, and that manifest's address
 * @throws MigrationError E_EXPORT_MANIFEST, also if the two manifests disagree in the number of items
 */
export function proofsByName(
  { folder, summary, files }: ExportManifests,
  nameOf: (key: string, manifestFilesKey: string, url: string) => string,
): Map<string, FileProof> {
  const url = folder.urlOf(MANIFEST_FILES_NAME);
  const proofs = new Map<string, FileProof>();
  for (const { dataFileS3Key, itemCount, md5Checksum } of files) {
    const name = nameOf(dataFileS3Key, summary.manifestFilesS3Key, url);
    const md5 = md5AsBase64(md5Checksum);
    if (md5 === undefined) {
      throw new MigrationError(
        "E_EXPORT_MANIFEST",
        `${url}: the md5Checksum of ${name} is no MD5: ${JSON.stringify(md5Checksum)}`,
      );
    }
    if (proofs.has(name)) {
      throw new MigrationError("E_EXPORT_MANIFEST", `${url} names the data file ${name} twice`);
    }
    proofs.set(name, { itemCount, md5 });
  }
  const itemCount = files.reduce((sum, file) => sum + file.itemCount, 0);
  if (itemCount !== summary.itemCount) {
    throw new MigrationError(
      "E_EXPORT_MANIFEST",
      `${folder.url}: ${MANIFEST_SUMMARY_NAME} says ${summary.itemCount} items, the files of ${MANIFEST_FILES_NAME} have ${itemCount}`,
    );
  }
  return proofs;
}

/** @param entries what lies in the folder that names are relative to */
export function provenDataFiles(
  folder: Folder,
  entries: readonly FileEntry[],
  proofs: ReadonlyMap<string, FileProof>,
): readonly DataFile[] {
  const entriesByName = new Map(entries.map((entry) => [entry.name, entry]));
  const missing = [...proofs.keys()].filter((name) => !entriesByName.has(name));
  refuse("E_EXPORT_FILE_MISSING", "is missing: the manifest names it", folder, missing);
  const altered: string[] = [];
  const dataFiles: DataFile[] = [];
  for (const [name, proof] of proofs) {
    const entry = entriesByName.get(name);
    if (entry !== undefined) {
      dataFiles.push({ ...dataFile(folder, entry), proof });
      if (entry.md5 !== undefined && entry.md5 !== proof.md5) {
        altered.push(name);
      }
    }
  }
  refuse("E_EXPORT_FILE_ALTERED", "was altered: its MD5 is not the manifest's", folder, altered);
  return dataFiles.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files that the data folder may hold besides data: what file managers leave behind. */
function isData(name: string): boolean {
  return name.startsWith("data/") && !/\/(?:\.[^/]*|Thumbs\.db|desktop\.ini)$/.test(name);
}

function dataFile(folder: Folder, { name, bytes }: FileEntry): DataFile {
  return { folder: folder.url, name, url: folder.urlOf(name), bytes };
}

function refuse(
  code: "E_EXPORT_FILE_MISSING" | "E_EXPORT_FILE_UNEXPECTED" | "E_EXPORT_FILE_ALTERED",
  fault: string,
  folder: Folder,
  names: readonly string[],
): void {
  const [first, ...others] = names;
  if (first !== undefined) {
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    throw new MigrationError(code, `${folder.urlOf(first)} ${fault}${more}`, {
      details: others.map((name) => `${folder.urlOf(name)} ${fault}`),
    });
  }
}
