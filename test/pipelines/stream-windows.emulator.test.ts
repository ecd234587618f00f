import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { toMessage } from "../../lambda/src/record-message";
import type { StreamConfig } from "../../pipelines/stream";
import { changeGap } from "../../pipelines/stream-summary";
import { applyWindows, emptyTotal } from "../../pipelines/stream-windows";
import type { ChangeSource, MessageWindow } from "../../pubsub/change-source";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { closeAllConnections, type SpannerTarget } from "../../spanner/connection";
import { defaultApplyChangesOptions } from "../../transforms/apply-changes";
import type { ChangeMessage } from "../../transforms/change-message";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { ddlOf, expireItem, itemsMapping, putItem } from "./item-changes";

const plan = planMigration(parseMapping(JSON.stringify(itemsMapping), "mapping.json"));
const MIB = 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function message(id: number, data: Buffer): ChangeMessage {
  const publishTime = "2026-01-01T00:00:00Z";
  // Large enough for a forgotten one to be seen.
  const attributes = { padding: Buffer.alloc(4096, `${id} `).toString() };
  return { messageId: `m${id}`, publishTime, data: data.toString("base64"), attributes, waitingSince: null };
}

/** Windows from memory; notes what becomes of each. */
function sourceOf(windows: Iterable<readonly ChangeMessage[]>, onEnd: (fate: string) => void): ChangeSource {
  const iterator = windows[Symbol.iterator]();
  return {
    held: { count: 0, oldestPublished: undefined },
    lastArrived: undefined,
    stop: () => {},
    close: async () => {},
    async nextWindow(): Promise<MessageWindow | null> {
      const next = iterator.next();
      if (next.done === true) return null;
      return {
        messages: next.value,
        acknowledge: async () => onEnd("acknowledged"),
        keepWaiting: () => {},
        giveBack: () => onEnd("given back"),
      };
    },
  };
}

describe("windows, one after the other, in one process", function () {
  this.timeout(240_000);
  spannerEmulator.use();

  let target: SpannerTarget;
  let folder: string;
  let config: StreamConfig;
  before(async () => {
    target = await createTestDatabase(ddlOf(itemsMapping));
    folder = await mkdtemp(join(tmpdir(), "windows-"));
    config = {
      runId: "windows",
      plan,
      target,
      parse: { dialect: "googlesql", expiredItems: "ignore", shards: 4 },
      apply: { ...defaultApplyChangesOptions, transactionsInFlight: 1, retryMilliseconds: 100 },
      deadLetters: folder,
    };
  });
  after(async () => {
    await closeAllConnections();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it("leave nothing in memory, a thousand and more", async () => {
    const total = emptyTotal();
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed / MIB;
    };
    let sequence = 0;
    function* windows(count: number): Generator<readonly ChangeMessage[]> {
      for (let window = 0; window < count; window++) {
        sequence++;
        // Only some go as far as Spanner, which takes most of the time.
        const record = sequence % 10 === 0 ? putItem("item", sequence, sequence) : expireItem("item", sequence);
        yield [message(sequence, toMessage(record).data)];
      }
    }
    const { signal } = new AbortController();
    await applyWindows(
      sourceOf(windows(200), () => {}),
      config,
      total,
      signal,
    );
    const before = heap();
    await applyWindows(
      sourceOf(windows(1000), () => {}),
      config,
      total,
      signal,
    );
    const grown = heap() - before;
    expect(total.counts).to.include({ read: 1200, applied: 120, expired: 1080 });
    expect(total.windows).to.equal(1200);
    // It goes up and down by less than one; the messages alone are more than 4 MiB.
    expect(grown).to.be.below(3);
  });

  it("each have dead letters in a file of their own", async () => {
    const total = emptyTotal();
    const fates: string[] = [];
    const broken = [1, 2].map((id) => [message(id, Buffer.from("broken"))]);
    await applyWindows(
      sourceOf(broken, (fate) => fates.push(fate)),
      { ...config, runId: "letters" },
      total,
      new AbortController().signal,
    );
    expect(fates).to.deep.equal(["acknowledged", "acknowledged"]);
    expect(total.counts).to.include({ read: 2, deadLettered: 2 });
    expect(changeGap(total.counts)).to.equal(undefined);
    expect((await readdir(folder)).toSorted()).to.deep.equal([
      "dead-letters-letters-window-1-1.jsonl",
      "dead-letters-letters-window-2-1.jsonl",
    ]);
  });

  it("that fail for good are given back, and end the stream", async () => {
    const fates: string[] = [];
    const source = sourceOf([[message(1, toMessage(putItem("a", 1, 1)).data)]], (fate) => fates.push(fate));
    const nowhere = { ...config, target: { ...target, database: "no-such-database" } };
    const applying = applyWindows(source, nowhere, emptyTotal(), new AbortController().signal);
    expect(await applying.catch((error: unknown) => error)).to.have.property("code", "E_SPANNER_DATABASE_NOT_FOUND");
    expect(fates).to.deep.equal(["given back"]);
  });
});
