import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MigrationError } from "../errors/migration-error";
import { packageFile } from "./package-file";
import { programCacheFolder } from "./program-cache-folder";

/** The Beam SDK for Python by which jobs are handed to Dataflow: requirements.txt pins it and all that it needs. */
export const BEAM_PYTHON_VERSION = "2.77.0";

/** The pinned packages, for `pip install --no-deps -r`. */
export const pythonRequirements = packageFile("beam/python/requirements.txt");

/** The program that hands one pipeline to Dataflow. */
export const dataflowSubmitProgram = packageFile("beam/python/dataflow_submit.py");

/** The environment's name in the cache; a folder of that name is complete. */
export const pythonEnvironmentName = `beam-python-${BEAM_PYTHON_VERSION}`;

/**
 * The Python that has the pinned packages.
 * @param chosen what the user has named; by default the environment that `make dataflow` has put into the cache
 * @throws MigrationError E_BEAM_PYTHON if it is not there
 */
export function findBeamPython(chosen: string | undefined): string {
  const path = chosen ?? join(programCacheFolder(), pythonEnvironmentName, "bin/python");
  if (existsSync(path)) return path;
  const message =
    chosen === undefined ? `there is no environment at ${dirname(dirname(path))}` : `${path} does not exist`;
  throw new MigrationError("E_BEAM_PYTHON", message);
}
