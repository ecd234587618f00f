import { join } from "node:path";
import { findBeamPython, pythonEnvironmentName, pythonRequirements } from "../../beam/python-environment";
import { MigrationError } from "../../errors/migration-error";
import { cachedProgram, runInstaller } from "../emulators/program-cache";
import { programPath } from "../emulators/program-path";

/** Those for which all pinned packages have wheels; the first that there is. */
const INTERPRETERS = ["python3.11", "python3.12", "python3.13", "python3"];

/**
 * Makes the Python environment that hands jobs to Dataflow where the cache lacks it (some 500 MB), from pinned packages,
 * and nothing else is downloaded. Needs Python 3.11 or later with its `venv` module.
 *
 * @returns its Python
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_INSTALL
 */
export async function installBeamPython(): Promise<string> {
  await cachedProgram(pythonEnvironmentName, async (folder) => {
    const interpreter = INTERPRETERS.find((name) => programPath(name) !== undefined);
    if (interpreter === undefined) {
      throw new MigrationError(
        "E_EMULATOR_MISSING",
        "Beam's SDK for Python can't be had: there is no Python (`sudo apt-get install python3-venv`, `brew install python`).",
      );
    }
    await runInstaller(interpreter, ["-m", "venv", folder], { folder });
    const python = join(folder, "bin/python");
    const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-deps"];
    await runInstaller(python, [...pip, "-r", pythonRequirements], { folder });
    // What was forgotten in the list, or does not fit this Python, is found here and not at the first job.
    await runInstaller(python, ["-c", "import apache_beam.runners.dataflow.internal.apiclient"], { folder });
  });
  return findBeamPython(undefined);
}
