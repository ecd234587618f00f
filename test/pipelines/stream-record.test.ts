import { expect } from "chai";
import { streamFlow } from "../../pipelines/stream-record";
import type { ChangeSource } from "../../pubsub/change-source";

const SECOND = 1000;
/** When the subscription was opened. */
const OPENED = Date.UTC(2026, 0, 31);

interface Seen {
  readonly held?: ChangeSource["held"];
  readonly lastArrived?: number;
  readonly lostSince?: number;
  readonly silentAt?: number;
}

function flowAfter(seconds: number, seen: Seen = {}) {
  const { held = { count: 0, oldestPublished: undefined }, lastArrived, lostSince, silentAt } = seen;
  const source = { held, lastArrived } as ChangeSource;
  const published = { oldest: undefined, newest: undefined };
  const opened = { source, reach: { lostSince, silentAt }, name: "projects/p/subscriptions/s" };
  return streamFlow(opened, { published }, OPENED, OPENED + seconds * SECOND);
}

describe("What a stream says of its flow", () => {
  it("counts quiet from the opening, or from the last message", () => {
    expect(flowAfter(100).quietSeconds).to.equal(100);
    expect(flowAfter(100, { lastArrived: OPENED + 70 * SECOND }).quietSeconds).to.equal(30);
  });

  it("takes no quiet for granted while Pub/Sub is out of reach, nor before its messages can have come", () => {
    const lost = flowAfter(100, { lostSince: OPENED + 50 * SECOND, silentAt: OPENED + 99 * SECOND });
    expect(lost).to.include({ quietSeconds: 0, lostSince: new Date(OPENED + 50 * SECOND).toISOString() });
    expect(flowAfter(100, { silentAt: OPENED + 60 * SECOND }).quietSeconds).to.equal(25);
    expect(flowAfter(100, { silentAt: OPENED + 99 * SECOND }).quietSeconds).to.equal(0);
  });

  it("says what is held, and since when", () => {
    expect(flowAfter(1, { held: { count: 3, oldestPublished: OPENED } })).to.include({
      held: 3,
      oldestHeld: new Date(OPENED).toISOString(),
    });
  });
});
