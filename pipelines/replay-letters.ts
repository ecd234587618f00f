import { directLauncher } from "../beam/direct-runner";
import type { PipelineBuilder } from "../beam/launcher";
import { MigrationError } from "../errors/migration-error";
import { closeChangeLedger, openChangeLedger } from "../transforms/change-ledger";
import type { ChangeMessage } from "../transforms/change-message";
import { type DeadLetter, type DeadLetterReason, originalBytes } from "../transforms/dead-letter";
import { closeLedger, openLedger } from "../transforms/ledger";
import { dropWindow, putWindow, readWindow } from "../transforms/read-changes";
import { blocksOf, closeReplayBatch, openReplayBatch } from "../transforms/replay-batch";
import { createChangeLinesPipeline, createLinesPipeline, createMessagesPipeline, type ReplayConfig } from "./replay";

/** What became of dead letters that were put through again; those that are in neither map nor count were written. */
export interface ReplayOutcome {
  readonly failures: ReadonlyMap<DeadLetter, DeadLetterReason>;
  readonly written: number;
  /** A newer change was applied before, in the database or in the same replay. */
  readonly stale: number;
  /** Left out by the mapping as it is now. */
  readonly filtered: number;
}

const NEWLINE = 0x0a;
/** Letters that one run of a pipeline takes. */
const LETTERS_PER_RUN = 10_000;
/** Failures that another dead letter of the same replay may mend. */
const PARENT_CODES: ReadonlySet<string> = new Set(["E_PARENT_MISSING", "E_SPANNER_PARENT_MISSING"]);

/**
 * Puts dead letters through the steps that they came from: first the lines of exports, parents before what lies in them,
 * then the messages; messages whose parent was missing once more for each level, as it may have come with another.
 *
 * @throws MigrationError E_SPANNER_… for what stops a load or a stream too; E_ACCOUNTING if a letter has no outcome
 */
export async function replayLetters(letters: readonly DeadLetter[], config: ReplayConfig): Promise<ReplayOutcome> {
  const failures = new Map<DeadLetter, DeadLetterReason>();
  const counts = { written: 0, stale: 0, filtered: 0 };
  const whole = letters.filter((letter) => {
    const reason = unreplayable(letter);
    if (reason !== undefined) failures.set(letter, reason);
    return reason === undefined;
  });
  // The newest first: of two that ask for one row, the one that comes first is written.
  const newestFirst = whole.toSorted((left, right) => (left.at < right.at ? 1 : left.at > right.at ? -1 : 0));
  const lines = newestFirst.filter(({ source }) => "file" in source);
  const messages = newestFirst.filter(({ source }) => !("file" in source));
  const levels = Math.max(...config.plan.tables.map(({ level }) => level)) + 1;

  const [changeLines, itemLines] = [lines.filter(isChangeLine), lines.filter((letter) => !isChangeLine(letter))];
  for (const part of partsOf(itemLines)) {
    await replayLines(part, levels, config, createLinesPipeline, failures, counts);
  }
  for (const part of partsOf(changeLines)) {
    await replayLines(part, levels, config, createChangeLinesPipeline, failures, counts);
  }
  let left: readonly DeadLetter[] = messages;
  for (let round = 0; round < levels && left.length > 0; round++) {
    for (const letter of left) failures.delete(letter);
    for (const part of partsOf(left)) await replayMessages(part, config, failures, counts);
    left = left.filter((letter) => PARENT_CODES.has(failures.get(letter)?.code ?? ""));
  }

  const ended = counts.written + counts.stale + counts.filtered + failures.size;
  if (ended !== letters.length) {
    throw new MigrationError("E_ACCOUNTING", `${letters.length} dead letters were read, ${ended} have an outcome`);
  }
  return { failures, ...counts };
}

function unreplayable(letter: DeadLetter): DeadLetterReason | undefined {
  if (letter.wholePayloadBytes !== undefined) {
    return { code: "E_REPLAY_INCOMPLETE", message: `of ${letter.wholePayloadBytes} bytes only the beginning was kept` };
  }
  if ("file" in letter.source && originalBytes(letter).includes(NEWLINE)) {
    return { code: "E_DEAD_LETTER_INVALID", message: "the payload is more than one line" };
  }
  return undefined;
}

/** True for a line of an incremental export: it has a time of its write, as no item's line has. */
function isChangeLine(letter: DeadLetter): boolean {
  try {
    const line: unknown = JSON.parse(originalBytes(letter).toString("utf8"));
    return typeof line === "object" && line !== null && Object.hasOwn(line, "Metadata");
  } catch {
    return false;
  }
}

type Counts = { written: number; stale: number; filtered: number };
type Failures = Map<DeadLetter, DeadLetterReason>;

async function replayLines(
  letters: readonly DeadLetter[],
  levels: number,
  config: ReplayConfig,
  createPipeline: typeof createLinesPipeline,
  failures: Failures,
  counts: Counts,
): Promise<void> {
  const { runId } = config;
  // One pass after another: a parent's row must be there before its children's.
  const blocks = blocksOf("dead letters", letters.map(originalBytes));
  for (let level = 0; level < levels; level++) {
    const failed = openReplayBatch(runId, blocks);
    try {
      await run(createPipeline(config, level));
      for (const each of failed) {
        const letter = "file" in each.source ? letters[each.source.line - 1] : undefined;
        if (letter !== undefined) failures.set(letter, each);
      }
      const { written, stale, filtered } = openLedger(runId).total;
      addTo(counts, { written, stale, filtered });
    } finally {
      closeReplayBatch(runId);
      closeLedger(runId);
    }
  }
}

async function replayMessages(
  letters: readonly DeadLetter[],
  config: ReplayConfig,
  failures: Failures,
  counts: Counts,
): Promise<void> {
  const { runId } = config;
  const failed = openReplayBatch(runId, []);
  putWindow(runId, letters.map(messageOf));
  try {
    await run(createMessagesPipeline(config, readWindow(runId)));
    for (const each of failed) {
      const letter = "messageId" in each.source ? letters[Number(each.source.messageId)] : undefined;
      if (letter !== undefined) failures.set(letter, each);
    }
    const { applied, stale, superseded, filtered, expired } = openChangeLedger(runId).total;
    addTo(counts, { written: applied, stale: stale + superseded, filtered: filtered + expired });
  } finally {
    closeReplayBatch(runId);
    dropWindow(runId);
    closeChangeLedger(runId);
  }
}

/** The message again, under the letter's index: the same message may have become two dead letters. */
function messageOf(letter: DeadLetter, index: number): ChangeMessage {
  const { source } = letter;
  return {
    messageId: String(index),
    publishTime: "publishTime" in source ? source.publishTime : "",
    data: originalBytes(letter).toString("base64"),
    attributes: {},
    waitingSince: null,
  };
}

async function run(build: PipelineBuilder): Promise<void> {
  const job = await directLauncher.launch(build);
  await job.wait();
}

function addTo(counts: Counts, more: Counts): void {
  counts.written += more.written;
  counts.stale += more.stale;
  counts.filtered += more.filtered;
}

function* partsOf(letters: readonly DeadLetter[]): Generator<readonly DeadLetter[]> {
  for (let start = 0; start < letters.length; start += LETTERS_PER_RUN) {
    yield letters.slice(start, start + LETTERS_PER_RUN);
  }
}
