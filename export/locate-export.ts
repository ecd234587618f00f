import { MigrationError } from "../errors/migration-error";
import type { Folder } from "../storage/folder";
import { openFolder } from "../storage/open-folder";
import { MANIFEST_FILES_NAME, MANIFEST_SUMMARY_NAME } from "./manifest";

/**
 * Finds the one export that a folder is, holds, or lies above. An export is a folder `AWSDynamoDB/<export id>`, finished
 * or not, or any folder with the manifests of one (it may have been copied under another name).
 *
 * @returns the export's own folder: the one that holds the manifests and `data/`
 * @throws MigrationError E_EXPORT_NOT_FOUND, E_EXPORT_SEVERAL (the details name them), E_STORAGE_…
 */
export async function locateExport(folder: Folder): Promise<Folder> {
  const [found, ...others] = await locateExports(folder);
  if (found === undefined || others.length > 0) throw severalExports(folder, [found, ...others]);
  return found;
}

/** As {@link locateExport}, for a folder that may hold several: all of them, by name; at least one. */
export async function locateExports(folder: Folder): Promise<readonly Folder[]> {
  // The folder may be `AWSDynamoDB` or an export itself: then its name takes part in the search.
  const [, ownName = ""] = /(?:^|[\\/])(AWSDynamoDB(?:[\\/][^\\/]+)?)$/.exec(folder.url) ?? [];
  const own = ownName === "" ? [] : ownName.split(/[\\/]/);
  const found = new Set<string>();
  for (const { name } of await folder.list()) {
    const path = exportPath([...own, ...name.split("/")]);
    if (path !== undefined) {
      found.add(path.slice(own.length).join("/"));
    }
  }
  if (found.size === 0) {
    throw new MigrationError("E_EXPORT_NOT_FOUND", `${folder.url} is no DynamoDB export and holds none`);
  }
  return [...found].sort().map((path) => (path === "" ? folder : openFolder(folder.urlOf(path))));
}

export function severalExports(folder: Folder, found: readonly (Folder | undefined)[]): MigrationError {
  return new MigrationError("E_EXPORT_SEVERAL", `${folder.url} holds ${found.length} DynamoDB exports`, {
    details: found.flatMap((each) => (each === undefined ? [] : [each.url])),
  });
}

/** The folder of the export that a file belongs to. */
function exportPath(file: readonly string[]): readonly string[] | undefined {
  const above = file.findIndex((part, index) => part === "AWSDynamoDB" && isExport(file.slice(index + 1)));
  if (above !== -1) {
    return file.slice(0, above + 2);
  }
  const name = file.at(-1);
  return name === MANIFEST_SUMMARY_NAME || name === MANIFEST_FILES_NAME ? file.slice(0, -1) : undefined;
}

/** The folder `AWSDynamoDB/data` of incremental exports is none: its files lie in it directly. */
function isExport([, content]: readonly string[]): boolean {
  return content !== undefined && (content === "_started" || content === "data" || content.startsWith("manifest-"));
}
