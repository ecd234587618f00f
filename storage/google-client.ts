import type { Storage } from "@google-cloud/storage";

/** All attempts of one request together; a caller hears of an unreachable service within a minute. */
export const REQUEST_SECONDS = 45;

const clients = new Map<string, Storage>();

/**
 * The process-wide Cloud Storage client. The library is loaded at the first call only: a run on local folders starts
 * without it.
 */
export function storageClient(): Storage {
  const endpoint = emulatorEndpoint(process.env["STORAGE_EMULATOR_HOST"]);
  const key = endpoint ?? "";
  let client = clients.get(key);
  if (client === undefined) {
    client = createClient(endpoint);
    clients.set(key, client);
  }
  return client;
}

function createClient(endpoint: string | undefined): Storage {
  // `require`, not `import()`: the latter would load the library's ESM copy beside the CommonJS one of this program.
  const { IdempotencyStrategy, Storage } = require("@google-cloud/storage") as typeof import("@google-cloud/storage");
  const client = new Storage({
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint, projectId: "emulator" }),
    retryOptions: {
      // Some 2, 4, 8 and 8 seconds apart. The number ends the retries, not the time: when its time is over, the client
      // neither answers nor fails (retry-request 7.0.2, retryAfterDelay).
      maxRetries: 4,
      maxRetryDelay: 8,
      totalTimeout: 600,
      // Every write here puts given bytes under a given name: doing it twice is doing it once.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    },
  });
  if (endpoint !== undefined) {
    // The client takes the variable's text as the base of the JSON API, but servers serve that API below this path.
    client.baseUrl = `${endpoint}/storage/v1`;
  }
  return client;
}

/**
 * What people put into STORAGE_EMULATOR_HOST ("localhost:4443", "http://localhost:4443/", with or without the API's
 * path), as the address of the server; undefined if unset or empty.
 */
export function emulatorEndpoint(host: string | undefined): string | undefined {
  if (host === undefined || host === "") {
    return undefined;
  }
  const withScheme = /^https?:\/\//i.test(host) ? host : `http://${host}`;
  return withScheme.replace(/\/+$/, "").replace(/\/storage\/v1$/, "");
}
