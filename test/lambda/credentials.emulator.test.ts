import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, expect } from "chai";
import { programPath } from "../../scripts/emulators/program-path";
import { type GoogleServers, startGoogleServers } from "./google-servers";
import { putRecord } from "./stream-records";
import { bundle, callFunction, installLambdaDependencies, unzip } from "./unpacked-function";

const topic = "projects/p/topics/orders";

/** What `gcloud iam workload-identity-pools create-cred-config --aws` writes, but for the token service's address. */
function federationConfiguration(tokenUrl: string) {
  return {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/aws/providers/aws",
    subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
    token_url: tokenUrl,
    credential_source: {
      environment_id: "aws1",
      region_url: "http://169.254.169.254/latest/meta-data/placement/availability-zone",
      url: "http://169.254.169.254/latest/meta-data/iam/security-credentials",
      regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    },
  };
}

/** Stands in for the AWS SDK of the Lambda runtime. */
const secretsManager = `
  exports.GetSecretValueCommand = class { constructor(input) { this.input = input; } };
  exports.SecretsManagerClient = class {
    async send({ input }) { return { SecretString: process.env["SECRET_" + input.SecretId] }; }
    destroy() {}
  };`;

describe("The function's credentials", function () {
  this.timeout(240_000);

  let folder: string;
  let google: GoogleServers;
  before(async function () {
    if (programPath("openssl") === undefined) this.skip();
    folder = await mkdtemp(join(tmpdir(), "function-"));
    google = await startGoogleServers(folder);
    const configuration = join(folder, "federation.json");
    await writeFile(configuration, JSON.stringify(federationConfiguration(google.tokenUrl)));
    await installLambdaDependencies();
    await bundle(join(folder, "function.zip"), ["--credentials", configuration]);
    for (const [name, { contents }] of unzip(await readFile(join(folder, "function.zip")))) {
      await writeFile(join(folder, name), contents);
    }
  });
  after(async () => {
    await google?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const call = (environment: NodeJS.ProcessEnv) =>
    callFunction([putRecord("a", "1")], {
      folder,
      environment: { ...google.environment, PUBSUB_TOPIC: topic, ...environment },
      preparation: google.preparation,
    });

  it("are those of its AWS role, exchanged by Workload Identity Federation", async () => {
    const { answer, log } = await call({
      GOOGLE_APPLICATION_CREDENTIALS: join(folder, "google-credentials.json"),
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "role-key-id",
      AWS_SECRET_ACCESS_KEY: "role-key",
      AWS_SESSION_TOKEN: "role-session",
    });
    expect(answer, log).to.deep.equal({ batchItemFailures: [] });
    expect(google.authorizations.at(-1)).to.equal("Bearer federated-token");
    const [request] = google.tokenRequests;
    assert(request !== undefined);
    expect(request.get("audience")).to.match(/workloadIdentityPools\/aws\/providers\/aws$/);
    const proof = JSON.parse(decodeURIComponent(request.get("subject_token") ?? ""));
    expect(proof.url).to.equal("https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");
    const headers = new Map(proof.headers.map(({ key, value }: { key: string; value: string }) => [key, value]));
    expect(headers.get("authorization")).to.include("role-key-id");
    expect(headers.get("x-amz-security-token")).to.equal("role-session");
  });

  it("are a service account's key from Secrets Manager, where one is named", async () => {
    const module = join(folder, "node_modules", "@aws-sdk", "client-secrets-manager");
    await mkdir(module, { recursive: true });
    await writeFile(join(module, "index.js"), secretsManager);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = {
      type: "service_account",
      client_email: "publisher@p.iam.gserviceaccount.com",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    };
    const { answer, log } = await call({
      GOOGLE_CREDENTIALS_SECRET: "publisher",
      SECRET_publisher: JSON.stringify(key),
    });
    expect(answer, log).to.deep.equal({ batchItemFailures: [] });
    const [, claims = ""] = /^Bearer [^.]+\.([^.]+)\./.exec(google.authorizations.at(-1) ?? "") ?? [];
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).to.include({ iss: key.client_email });
  });

  it("are asked for when there are none, or none that can be read", async () => {
    const none = { METADATA_SERVER_DETECTION: "none", HOME: folder };
    const damaged = join(folder, "damaged.json");
    await writeFile(damaged, '{"private_key": "hidden');
    for (const environment of [
      none,
      { ...none, GOOGLE_APPLICATION_CREDENTIALS: join(folder, "missing.json") },
      { ...none, GOOGLE_APPLICATION_CREDENTIALS: damaged },
    ]) {
      await call(environment).then(
        () => assert.fail("it should have failed"),
        (error: Error) => expect(error.message).to.include("E_LAMBDA_CREDENTIALS").and.not.to.include("hidden"),
      );
    }
  });
});
