import "apache-beam";
import { randomUUID } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { type DeadLetter, deadLetter, parseDeadLetter } from "../../transforms/dead-letter";
import { closeLedger, hasLedger, openLedger } from "../../transforms/ledger";
import {
  DEAD_LETTER_FILE_BYTES,
  forgetStoredFiles,
  type StoredDeadLetters,
  WriteDeadLetters,
} from "../../transforms/write-dead-letters";
import { useFolder } from "../export/export-folder";
import { expectFailure } from "../export/failure";

const REASON = { code: "E_CONVERSION_NULL", message: "no" } as const;

function letterOf(line: number, payload = `{"Item":${line}}`): DeadLetter {
  return deadLetter(REASON, { file: "data/a.json.gz", line }, Buffer.from(payload));
}

describe("WriteDeadLetters", () => {
  const folder = useFolder();
  let runId = "";
  beforeEach(() => {
    runId = randomUUID();
  });
  afterEach(() => closeLedger(runId));

  /** Runs one bundle. */
  async function write(letters: readonly DeadLetter[], target = folder()): Promise<StoredDeadLetters[]> {
    const stored: StoredDeadLetters[] = [];
    const step = new WriteDeadLetters(runId, target);
    const emit = (each: StoredDeadLetters): null => {
      stored.push(each);
      return null;
    };
    step.startBundle();
    for (const letter of letters) {
      await step.process(letter, undefined, emit);
    }
    await step.finishBundle(undefined, emit);
    return stored;
  }

  async function storedLetters(): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (const name of (await readdir(folder())).sort()) {
      for (const line of (await readFile(join(folder(), name), "utf8")).trimEnd().split("\n")) {
        letters.push(parseDeadLetter(line, name));
      }
    }
    return letters;
  }

  it("stores every dead letter of a bundle by its end, and counts them", async () => {
    const letters = Array.from({ length: 100 }, (_, index) => letterOf(index + 1));
    const stored = await write(letters);
    expect(stored).to.deep.equal([{ url: join(folder(), `dead-letters-${runId}-1.jsonl`), count: 100 }]);
    expect(await storedLetters()).to.deep.equal(letters);
    expect(openLedger(runId).files.get("data/a.json.gz")?.deadLettered).to.equal(100);
  });

  it("writes no file for a bundle without dead letters", async () => {
    expect(await write([])).to.deep.equal([]);
    expect(await readdir(folder())).to.deep.equal([]);
  });

  it("starts a new file when one is large enough, so that memory stays bounded", async () => {
    const payload = "x".repeat(1 << 20);
    const stored = await write(Array.from({ length: 20 }, (_, index) => letterOf(index + 1, payload)));
    expect(stored.map(({ count }) => count)).to.deep.equal([8, 8, 4]);
    for (const { url } of stored) {
      expect((await readFile(url)).length).to.be.at.most(DEAD_LETTER_FILE_BYTES + 2 * payload.length);
    }
    expect((await storedLetters()).map(({ source }) => "line" in source && source.line)).to.have.members(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it("never writes over a file of the same run on another worker", async () => {
    await writeFile(join(folder(), `dead-letters-${runId}-1.jsonl`), "of another worker");
    const [stored] = await write([letterOf(1)]);
    expect(stored?.url).to.match(new RegExp(`dead-letters-${runId}-1-[0-9a-f]{16}\\.jsonl$`));
    expect(await readFile(join(folder(), `dead-letters-${runId}-1.jsonl`), "utf8")).to.equal("of another worker");
  });

  it("counts a dead letter of a message, which has no file, in its result only", async () => {
    const source = { messageId: "1", publishTime: "2024-01-01T00:00:00Z" };
    expect((await write([deadLetter(REASON, source, Buffer.from("{}"))]))[0]?.count).to.equal(1);
    expect(hasLedger(runId)).to.equal(false);
  });

  it("stores those of a window with its bundle or not at all, so that a window that is tried again has them once", async () => {
    const payload = "x".repeat(DEAD_LETTER_FILE_BYTES);
    const step = new WriteDeadLetters(runId, folder(), "with the bundle");
    const emit = (): null => null;
    step.startBundle();
    for (const line of [1, 2]) await step.process(letterOf(line, payload), undefined, emit);
    step.abandonBundle();
    expect(await readdir(folder())).to.deep.equal([]);
    step.startBundle();
    for (const line of [1, 2]) await step.process(letterOf(line, payload), undefined, emit);
    await step.finishBundle(undefined, emit);
    expect(await readdir(folder())).to.deep.equal([`dead-letters-${runId}-1.jsonl`]);
    expect((await storedLetters()).length).to.equal(2);
  });

  it("counts its files anew once a run is forgotten", async () => {
    await write([letterOf(1)]);
    expect((await write([letterOf(2)]))[0]?.url).to.match(/-2\.jsonl$/);
    forgetStoredFiles(runId);
    await rm(folder(), { recursive: true });
    expect((await write([letterOf(3)]))[0]?.url).to.match(/-1\.jsonl$/);
  });

  it("fails the bundle, and counts nothing, when they can't be stored", async () => {
    await writeFile(join(folder(), "file"), "");
    await expectFailure(write([letterOf(1)], join(folder(), "file")), "E_DEAD_LETTERS_UNWRITABLE", /file/);
    expect(openLedger(runId).total.deadLettered).to.equal(0);
  });

  it("forgets the dead letters of a bundle that has failed elsewhere: the repeated bundle brings them again", async () => {
    const step = new WriteDeadLetters(runId, folder());
    const counts: number[] = [];
    const emit = ({ count }: StoredDeadLetters): null => {
      counts.push(count);
      return null;
    };
    step.startBundle();
    await step.process(letterOf(1), undefined, emit);
    step.abandonBundle();
    step.startBundle();
    await step.process(letterOf(1), undefined, emit);
    await step.finishBundle(undefined, emit);
    expect(counts).to.deep.equal([1]);
  });

  it("runs in a pipeline", async () => {
    const letters = [letterOf(1), letterOf(2), letterOf(3)];
    await runDirect((root) => {
      root.apply(createElements("Letters", letters)).apply(asyncParDo(new WriteDeadLetters(runId, folder())));
    });
    expect(await storedLetters()).to.have.deep.members(letters);
    expect(openLedger(runId).total.deadLettered).to.equal(3);
  });
});
