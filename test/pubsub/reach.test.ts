import { expect } from "chai";
import { type Reach, type ReachEvent, watchReach } from "../../pubsub/reach";

describe("the way to Pub/Sub", () => {
  let events: ReachEvent[];
  let questions: number;
  let fails: boolean;
  let reach: Reach | undefined;
  /** Resolves when so many questions have been answered or not. */
  const asked = async (count: number): Promise<void> => {
    while (questions < count) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise(setImmediate);
  };
  const watch = (lookMilliseconds = 2): Reach => {
    reach = watchReach(
      async () => {
        questions++;
        if (fails) throw new Error("connect ECONNREFUSED");
      },
      (event) => events.push(event),
      lookMilliseconds,
    );
    return reach;
  };
  beforeEach(() => {
    events = [];
    questions = 0;
    fails = false;
  });
  afterEach(() => reach?.stop());

  it("is told of once when it is lost, with the last answer, and once when it is back", async () => {
    const started = Date.now();
    const { lostSince } = watch();
    await asked(2);
    expect(lostSince).to.equal(undefined);
    fails = true;
    await asked(questions + 4);
    const since = reach?.lostSince ?? 0;
    expect(since).to.be.within(started, Date.now());
    expect(events).to.deep.equal([{ kind: "lost", lastAnswer: new Date(since), reason: "connect ECONNREFUSED" }]);
    fails = false;
    await asked(questions + 3);
    expect(events.map(({ kind }) => kind)).to.deep.equal(["lost", "back"]);
    expect(reach?.lostSince).to.equal(undefined);
  });

  it("is back with a message", async () => {
    fails = true;
    const watched = watch();
    await asked(2);
    watched.heard();
    expect(events.map(({ kind }) => kind)).to.deep.equal(["lost", "back"]);
  });

  it("is not looked at while messages come", async () => {
    const watched = watch(5);
    const timer = setInterval(watched.heard, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    clearInterval(timer);
    expect(questions).to.be.at.most(3);
  });

  it("is asked at once by whoever wants to know when it was last lost", async () => {
    const watched = watch(3_600_000);
    expect(await watched.lastSilence()).to.equal(undefined);
    fails = true;
    const before = performance.now();
    const silence = await watched.lastSilence();
    expect(silence).to.be.within(before, performance.now());
    fails = false;
    expect(await watched.lastSilence()).to.equal(silence);
    expect(questions).to.equal(3);
    expect(events).to.deep.equal([]);
  });
});
