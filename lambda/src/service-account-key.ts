import { MigrationError } from "../../errors/migration-error";

export interface ServiceAccountKey {
  readonly client_email: string;
  readonly private_key: string;
}

/**
 * A service account's key file, as text.
 *
 * Nothing of the text may reach a message: neither the value nor the cause of an error (JSON.parse quotes its input).
 *
 * @param secretId what to call the secret in an error message.
 * @throws MigrationError E_LAMBDA_CONFIGURATION when the text is no such key.
 */
export function parseServiceAccountKey(text: string, secretId: string): ServiceAccountKey {
  const key = parseObject(text);
  const { type, client_email, private_key } = key ?? {};
  if (type === "service_account" && typeof client_email === "string" && typeof private_key === "string") {
    return { client_email, private_key };
  }
  throw new MigrationError(
    "E_LAMBDA_CONFIGURATION",
    `The secret ${secretId} (GOOGLE_CREDENTIALS_SECRET) is not the JSON key of a Google service account: ` +
      (key === undefined
        ? "it is no JSON object."
        : "it lacks type service_account, client_email or private_key. An external account configuration is no secret: " +
          "let GOOGLE_APPLICATION_CREDENTIALS point at it instead."),
  );
}

interface KeyFields {
  readonly type?: unknown;
  readonly client_email?: unknown;
  readonly private_key?: unknown;
}

function parseObject(text: string): KeyFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
