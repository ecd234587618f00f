import { expect } from "chai";
import { MigrationError } from "../../errors/migration-error";
import { pubSubError } from "../../pubsub/pubsub-error";

const coded = (code: number | undefined, message: string) => Object.assign(new Error(message), { code });

describe("an error of the Pub/Sub client", () => {
  for (const [code, message, expected] of [
    [4, "Deadline exceeded", "E_PUBSUB_UNREACHABLE"],
    [5, "Resource not found (resource=orders)", "E_PUBSUB_SUBSCRIPTION_NOT_FOUND"],
    [7, "User not authorized", "E_PUBSUB_PERMISSION"],
    [14, "No connection established", "E_PUBSUB_UNREACHABLE"],
    [16, "Request had invalid authentication credentials", "E_PUBSUB_CREDENTIALS"],
    [14, "Getting metadata from plugin failed with error: invalid_grant", "E_PUBSUB_CREDENTIALS"],
    [undefined, "Could not load the default credentials. Browse to …", "E_PUBSUB_CREDENTIALS"],
    [3, "Invalid resource name given", "E_PUBSUB_FAILED"],
    [undefined, "something else", "E_PUBSUB_FAILED"],
  ] as const) {
    it(`${code ?? "without code"}, "${message}", is ${expected}`, () => {
      const error = coded(code, message);
      expect(pubSubError(error, "projects/p/subscriptions/s")).to.include({
        code: expected,
        message: `projects/p/subscriptions/s: ${message}`,
        cause: error,
      });
    });
  }

  it("that is known already stays as it is", () => {
    const known = new MigrationError("E_PUBSUB_UNREACHABLE", "no answer");
    expect(pubSubError(known, "s")).to.equal(known);
  });
});
