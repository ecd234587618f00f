import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { MigrationError } from "../../errors/migration-error";
import { startDynamoDbLocal } from "../../scripts/emulators/dynamodb-local";
import { startFakeGcsServer } from "../../scripts/emulators/fake-gcs-server";
import { gcloudFile } from "../../scripts/emulators/gcloud-sdk";
import { startPubSubEmulator } from "../../scripts/emulators/pubsub-emulator";
import { startSpannerEmulator } from "../../scripts/emulators/spanner-emulator";

const variables = [
  "PATH",
  "JAVA_HOME",
  "CLOUDSDK_ROOT_DIR",
  "SPANNER_EMULATOR_HOST",
  "PUBSUB_EMULATOR_HOST",
  "STORAGE_EMULATOR_HOST",
  "AWS_ENDPOINT_URL_DYNAMODB",
] as const;

/** Answers as the Docker client does, and writes down how it was called. */
const dockerStandIn = `#!/bin/sh
echo "$*" >> "$0.calls"
case $1 in
  info) exit 0 ;;
  run) echo "Server address: 0.0.0.0:9010"; exec sleep 600 ;;
  port) echo "127.0.0.1:54321" ;;
esac
`;

describe("the search for an emulator", () => {
  let folder: string;
  let before: Map<string, string | undefined>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "emulator-search-"));
    before = new Map(variables.map((name) => [name, process.env[name]]));
    for (const name of variables) delete process.env[name];
    process.env["PATH"] = folder;
  });

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true });
  });

  it("takes the address in the environment", async () => {
    process.env["SPANNER_EMULATOR_HOST"] = "localhost:1";
    process.env["PUBSUB_EMULATOR_HOST"] = "localhost:2";
    process.env["STORAGE_EMULATOR_HOST"] = "http://localhost:3";
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = "http://localhost:4";
    const servers = await Promise.all([
      startSpannerEmulator(),
      startPubSubEmulator(),
      startFakeGcsServer(),
      startDynamoDbLocal(),
    ]);
    expect(servers.map(({ address }) => address)).to.deep.equal([
      "localhost:1",
      "localhost:2",
      "localhost:3",
      "localhost:4",
    ]);
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("never takes a real DynamoDB for the local one", async () => {
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = "https://dynamodb.eu-west-1.amazonaws.com";
    expect((await failure(startDynamoDbLocal)).code).to.equal("E_EMULATOR_MISSING");
  });

  for (const { start, install } of [
    { start: startSpannerEmulator, install: "gcloud components install cloud-spanner-emulator" },
    { start: startPubSubEmulator, install: "gcloud components install pubsub-emulator" },
    { start: startFakeGcsServer, install: "Install Go" },
    { start: startDynamoDbLocal, install: "apt-get install default-jre-headless maven" },
  ]) {
    it(`says what to install where there is nothing: ${install}`, async () => {
      const error = await failure(start);
      expect(error.code).to.equal("E_EMULATOR_MISSING");
      expect(error.message).to.contain(install);
    });
  }

  it("finds the installation behind a link named gcloud, and where CLOUDSDK_ROOT_DIR points", async () => {
    const file = join("bin", "gcloud");
    // This folder plays an installation: <root>/bin holds a program gcloud.
    const root = mkdtempSync(join(folder, "sdk-"));
    writeProgram(join(folder, "gcloud.real"), "#!/bin/sh\nexit 1\n");
    expect(await gcloudFile(file)).to.equal(undefined);
    symlinkSync(folder, join(root, "bin"));
    writeProgram(join(folder, "gcloud"), "#!/bin/sh\nexit 1\n");
    process.env["CLOUDSDK_ROOT_DIR"] = root;
    expect(await gcloudFile(file)).to.equal(join(root, file));
    expect(await gcloudFile("platform/no-such-component")).to.equal(undefined);
  });

  it("asks gcloud itself where its own place tells nothing", async () => {
    writeFileSync(join(folder, "component"), "");
    writeProgram(join(folder, "gcloud"), `#!/bin/sh\necho ${folder}\n`);
    expect(await gcloudFile("component")).to.equal(join(folder, "component"));
  });

  it("starts a container in Docker at last, and removes it", async () => {
    writeProgram(join(folder, "docker"), dockerStandIn);
    symlinkSync("/bin/sleep", join(folder, "sleep"));
    const { address, stop } = await startSpannerEmulator({ flags: ["--enable_fault_injection"] });
    expect(address).to.equal("127.0.0.1:54321");
    await stop();
    const calls = readFileSync(join(folder, "docker.calls"), "utf8").trim().split("\n");
    const container = /--name (\S+)/.exec(calls[1] ?? "")?.[1];
    expect(calls[1]).to.match(/^run --rm .* --publish 127\.0\.0\.1::9010 gcr\.io\/cloud-spanner-emulator\/emulator/);
    expect(calls[1]).to.contain("--enable_fault_injection");
    expect(calls.at(-1)).to.equal(`kill ${container}`);
  });
});

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

async function failure(start: () => Promise<unknown>): Promise<MigrationError> {
  return start().then(
    () => expect.fail("it started"),
    (error: MigrationError) => error,
  );
}
