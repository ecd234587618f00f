import { expect } from "chai";
import { subscriptionName } from "../../pubsub/subscription-name";

describe("the name of a subscription", () => {
  it("may be given in full, or by its own name within the project", () => {
    expect(subscriptionName("here", "orders")).to.equal("projects/here/subscriptions/orders");
    expect(subscriptionName("here", "a.b_c-d~e+f%20")).to.equal("projects/here/subscriptions/a.b_c-d~e+f%20");
    expect(subscriptionName("here", "projects/there/subscriptions/orders")).to.equal(
      "projects/there/subscriptions/orders",
    );
  });

  it("is refused where it is neither", () => {
    const wrong = ["", "ab", "1st", "two words", "projects/p/topics/orders", "projects/p/subscriptions/", "a/b/c"];
    for (const name of [...wrong, "x".repeat(256)]) {
      expect(() => subscriptionName("here", name), name)
        .to.throw(/--subscription/)
        .with.property("code", "E_USAGE");
    }
  });
});
