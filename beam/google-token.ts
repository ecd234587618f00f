import { GoogleAuth } from "google-auth-library";
import { MigrationError } from "../errors/migration-error";

/** Headers that show a server of Google who asks. */
export type RequestHeaders = () => Promise<Readonly<Record<string, string>>>;

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/**
 * Headers by Application Default Credentials (https://cloud.google.com/docs/authentication/application-default-credentials),
 * renewed as they expire. The function throws MigrationError E_DATAFLOW_CREDENTIALS where there are none.
 */
export function googleHeaders(): RequestHeaders {
  const auth = new GoogleAuth({ scopes: SCOPE });
  return async () => {
    try {
      return Object.fromEntries(await (await auth.getClient()).getRequestHeaders());
    } catch (cause) {
      throw new MigrationError("E_DATAFLOW_CREDENTIALS", (cause as Error).message, { cause });
    }
  };
}
