import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Under googleapis.com, so that the client takes it for Google's own and authenticates itself. */
const hostName = "test.googleapis.com";

export interface GoogleServers {
  /** Where tokens are exchanged. */
  readonly tokenUrl: string;
  readonly tokenRequests: readonly URLSearchParams[];
  /** The Authorization header of each Publish request. */
  readonly authorizations: readonly (string | undefined)[];
  /** What makes a client use these servers. */
  readonly environment: NodeJS.ProcessEnv;
  /** The same for what has no setting: JavaScript to run in the client's process. */
  readonly preparation: string;
  stop(): Promise<void>;
}

/**
 * Stand-ins for Google's Security Token Service and for a Pub/Sub that wants TLS and credentials, as the emulator does
 * not. The certificate is made by `openssl`.
 *
 * @param folder where the certificate and its key are put.
 */
export async function startGoogleServers(folder: string): Promise<GoogleServers> {
  const certificate = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  const subject = ["-subj", `/CN=${hostName}`, "-addext", `subjectAltName=DNS:${hostName}`];
  const files = ["-keyout", key, "-out", certificate];
  await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...subject, ...files]);

  const tokenRequests: URLSearchParams[] = [];
  const tokens = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    tokenRequests.push(new URLSearchParams(Buffer.concat(chunks).toString()));
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        access_token: "federated-token",
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
        token_type: "Bearer",
        expires_in: 3600,
      }),
    );
  });

  const authorizations: (string | undefined)[] = [];
  const pubSub = createSecureServer({ key: await readFile(key), cert: await readFile(certificate) });
  pubSub.on("stream", (stream, headers) => {
    authorizations.push(headers.authorization);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    // A gRPC frame (flag, length) with a PublishResponse whose one message_ids (field 1) is "7".
    stream.resume().on("end", () => stream.end(Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, "7".charCodeAt(0)])));
  });

  for (const server of [tokens, pubSub]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  return {
    tokenUrl: `http://127.0.0.1:${portOf(tokens)}/v1/token`,
    tokenRequests,
    authorizations,
    environment: {
      CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `${hostName}:${portOf(pubSub)}`,
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: certificate,
    },
    preparation: `require("dns").promises.lookup = async (host, options) => {
      if (host !== "${hostName}") throw new Error("unexpected look-up of " + host);
      return options?.all ? [{ address: "127.0.0.1", family: 4 }] : { address: "127.0.0.1", family: 4 };
    };`,
    stop: async () => {
      for (const server of [tokens, pubSub]) server.close();
    },
  };
}
