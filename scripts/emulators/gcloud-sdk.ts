import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { programPath } from "./program-path";

const run = promisify(execFile);

/**
 * The file at `relativePath` of the Google Cloud CLI installation, or undefined where there is no such installation or
 * it lacks the component.
 *
 * The installation is looked for where CLOUDSDK_ROOT_DIR points, then behind the `gcloud` on PATH (a link to
 * `<root>/bin/gcloud` in most installations); only then `gcloud` itself is asked, which takes seconds.
 */
export async function gcloudFile(relativePath: string): Promise<string | undefined> {
  const gcloud = programPath("gcloud");
  const candidates = [
    process.env["CLOUDSDK_ROOT_DIR"],
    gcloud === undefined ? undefined : dirname(dirname(realpathSync(gcloud))),
  ];
  const inRoot = (root: string | undefined) =>
    root !== undefined && root !== "" && existsSync(join(root, relativePath)) ? join(root, relativePath) : undefined;
  const found = candidates.map(inRoot).find((file) => file !== undefined);
  if (found !== undefined || gcloud === undefined || isSdkRoot(candidates[1])) {
    return found;
  }
  return inRoot(await sdkRootByGcloud(gcloud));
}

function isSdkRoot(folder: string | undefined): boolean {
  return folder !== undefined && existsSync(join(folder, "lib", "googlecloudsdk"));
}

async function sdkRootByGcloud(gcloud: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(gcloud, ["info", "--format=value(installation.sdk_root)"], { timeout: 30_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
