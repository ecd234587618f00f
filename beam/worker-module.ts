import "apache-beam";
import { createRequire } from "node:module";
import { join } from "node:path";
import { requireForSerialization } from "apache-beam/serialization";

const PACKAGE_NAME = "dynamodb-spanner-migration";

/** The pipeline option by which workers learn the launcher's version. */
export const VERSION_OPTION = "dynamodb_spanner_migration_version";

/** The version of this package: launcher and workers must have the same, for steps travel as their fields only. */
export function packageVersion(): string {
  const { version } = createRequire(__filename)(`${PACKAGE_NAME}/package.json`) as { readonly version: string };
  return version;
}

/** The root of the compiled code this file is part of: `dist`, or a test's own output folder. */
const compiledRoot = join(__dirname, "..");

/**
 * The last line of every module whose classes or functions are part of a pipeline:
 *
 *     registerForWorkers("transforms/write-rows", { WriteRows });
 *
 * `path` is the module's path without extension, `values` what the pipeline's description refers to: the classes of
 * DoFns and of the objects in their fields, and functions. On the direct runner only the label matters; a remote worker
 * also loads the module by it (see {@link workerModuleFile}), which is why it must be the true path.
 */
export function registerForWorkers(path: string, values: Readonly<Record<string, unknown>>): void {
  requireForSerialization(`${PACKAGE_NAME}/${path}`, values);
}

/**
 * The file to load for a module that a pipeline names, on this worker. Our own modules are those of the compiled code
 * that is running, so a checkout, a test's output folder and an installed package all work without resolving the
 * package by its own name.
 */
export function workerModuleFile(moduleName: string): string {
  const prefix = `${PACKAGE_NAME}/`;
  return moduleName.startsWith(prefix) ? join(compiledRoot, moduleName.slice(prefix.length)) : moduleName;
}
