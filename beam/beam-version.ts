import { version } from "apache-beam/version";
import { MigrationError } from "../errors/migration-error";

/** The one version of the SDK whose internals this folder knows. */
const SUPPORTED_BEAM_VERSION = "2.49.0";

/**
 * Refuses any other SDK: a patch of code that has changed could lose data without a word.
 *
 * @throws MigrationError E_BEAM_VERSION
 */
export function assertSupportedBeamVersion(installed: string = version): void {
  if (installed !== SUPPORTED_BEAM_VERSION) {
    throw new MigrationError(
      "E_BEAM_VERSION",
      `apache-beam ${installed} is installed, but only ${SUPPORTED_BEAM_VERSION} is supported.`,
    );
  }
}

/**
 * What an internal of the SDK is expected to be; anything else means that its files were changed.
 *
 * @throws MigrationError E_BEAM_VERSION if `found` is undefined
 */
export function expectInternal<T>(found: T | undefined, name: string): T {
  if (found === undefined) {
    throw new MigrationError(
      "E_BEAM_VERSION",
      `apache-beam ${version} lacks ${name}, which ${SUPPORTED_BEAM_VERSION} has.`,
    );
  }
  return found;
}
