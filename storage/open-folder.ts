import { MigrationError } from "../errors/migration-error";
import type { Folder } from "./folder";
import { openGoogleFolder } from "./google-folder";
import { openLocalFolder } from "./local-folder";

/**
 * @param url a local path, a `file://` URL or `gs://bucket/prefix`. Nothing is contacted yet.
 * @throws MigrationError E_STORAGE_URL
 */
export function openFolder(url: string): Folder {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === "gs") {
    return openGoogleFolder(url);
  }
  if (url === "" || (scheme !== undefined && scheme !== "file")) {
    throw new MigrationError(
      "E_STORAGE_URL",
      `${JSON.stringify(url)} is neither a local folder nor a gs://bucket/prefix URL`,
    );
  }
  return openLocalFolder(url);
}
