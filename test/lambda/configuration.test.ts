import { assert, expect } from "chai";
import type { MigrationError } from "../../errors/migration-error";
import { readConfiguration } from "../../lambda/src/configuration";
import { parseServiceAccountKey } from "../../lambda/src/service-account-key";

function refusal(action: () => unknown): MigrationError {
  try {
    action();
  } catch (error) {
    return error as MigrationError;
  }
  return assert.fail("it should have been refused");
}

describe("readConfiguration", () => {
  it("takes a full topic name, or a short one with its project", () => {
    const expected = {
      project: "p-1",
      topic: "projects/p-1/topics/orders",
      credentials: { kind: "application-default" },
    };
    expect(
      readConfiguration({ PUBSUB_TOPIC: "projects/p-1/topics/orders", GOOGLE_CLOUD_PROJECT: "other" }),
    ).to.deep.equal(expected);
    expect(readConfiguration({ PUBSUB_TOPIC: "orders", GOOGLE_CLOUD_PROJECT: "p-1" })).to.deep.equal(expected);
  });

  it("names the variable that is missing or wrong", () => {
    expect(refusal(() => readConfiguration({})).message).to.match(/PUBSUB_TOPIC is not set/);
    expect(refusal(() => readConfiguration({ PUBSUB_TOPIC: "" })).message).to.match(/PUBSUB_TOPIC is not set/);
    expect(refusal(() => readConfiguration({ PUBSUB_TOPIC: "orders" })).message).to.match(/GOOGLE_CLOUD_PROJECT/);
    for (const topic of ["projects/p/subscriptions/s", "projects//topics/orders", "1st", "projects/p/topics/"]) {
      const error = refusal(() => readConfiguration({ PUBSUB_TOPIC: topic, GOOGLE_CLOUD_PROJECT: "p" }));
      expect(error.code).to.equal("E_LAMBDA_CONFIGURATION");
      expect(error.message).to.include(topic);
    }
  });

  it("takes the credentials from a secret when one is named", () => {
    const { credentials } = readConfiguration({
      PUBSUB_TOPIC: "projects/p/topics/orders",
      GOOGLE_CREDENTIALS_SECRET: "publisher-key",
    });
    expect(credentials).to.deep.equal({ kind: "secret", secretId: "publisher-key" });
  });
});

describe("parseServiceAccountKey", () => {
  it("takes what the client needs of a key file", () => {
    const file = { type: "service_account", project_id: "p", client_email: "a@p.example", private_key: "key" };
    expect(parseServiceAccountKey(JSON.stringify(file), "s")).to.deep.equal({
      client_email: "a@p.example",
      private_key: "key",
    });
  });

  it("refuses anything else without quoting any of it", () => {
    for (const text of [
      "hidden-secret",
      '{"private_key": "hidden-secret',
      '"hidden-secret"',
      "",
      "null",
      "[]",
      '{"type":"service_account","private_key":"hidden-secret"}',
      '{"type":"external_account","client_email":"e","private_key":"hidden-secret"}',
    ]) {
      const error = refusal(() => parseServiceAccountKey(text, "publisher-key"));
      expect(error.code).to.equal("E_LAMBDA_CONFIGURATION");
      expect(error.message).to.include("publisher-key");
      expect(`${error.stack}${String(error.cause)}`).not.to.include("hidden");
    }
  });
});
