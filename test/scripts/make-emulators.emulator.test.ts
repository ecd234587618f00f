import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { acceptsConnections } from "../../scripts/emulators/free-port";
import { dynamoDbLocal } from "../support/dynamodb";
import { pubSubEmulator } from "../support/pubsub";
import { storageEmulator } from "../support/storage";

const programFile = join(__dirname, "..", "..", "scripts", "emulators", "main.js");
const startMilliseconds = 120_000;
const goneMilliseconds = 10_000;
const addressVariables = [
  "SPANNER_EMULATOR_HOST",
  "AWS_ENDPOINT_URL_DYNAMODB",
  "PUBSUB_EMULATOR_HOST",
  "STORAGE_EMULATOR_HOST",
] as const;

describe("make emulators", () => {
  // What this machine can't have, it can't start either; and what must be downloaded is downloaded here.
  dynamoDbLocal.use();
  pubSubEmulator.use();
  storageEmulator.use();

  let program: ChildProcess | undefined;

  afterEach(() => {
    program?.kill("SIGKILL");
  });

  for (const end of ["SIGINT", "SIGKILL"] as const) {
    it(`starts every server, and none is left after ${end}`, async function () {
      this.timeout(startMilliseconds);
      // The servers of this test run must not be taken for servers that run already.
      const environment = Object.entries(process.env).filter(([name]) => !addressVariables.some((own) => own === name));
      const child = spawn(process.execPath, [programFile], {
        env: Object.fromEntries(environment),
        stdio: ["ignore", "pipe", "ignore"],
      });
      program = child;
      const exited = once(child, "exit");
      const variables = await exportedVariables(child);
      const addresses = addressVariables.map((name) => (variables.get(name) ?? "").replace(/^http:\/\//, ""));
      expect(await Promise.all(addresses.map(accepts))).to.deep.equal([true, true, true, true]);
      expect(variables.get("INSTANCE")).to.equal("local-instance");
      child.kill(end);
      const [code] = await exited;
      expect(code).to.equal(end === "SIGINT" ? 0 : null);
      const deadline = Date.now() + goneMilliseconds;
      while ((await Promise.all(addresses.map(accepts))).includes(true) && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await Promise.all(addresses.map(accepts))).to.deep.equal([false, false, false, false]);
    });
  }
});

/** The variables that it prints, up to the last one. */
async function exportedVariables(child: ChildProcess): Promise<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [, name = "", value = ""] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    variables.set(name, value);
    if (name === "DATABASE") break;
  }
  return variables;
}

function accepts(address: string): Promise<boolean> {
  const [host = "", port = ""] = address.split(":");
  return acceptsConnections(host, Number(port));
}
