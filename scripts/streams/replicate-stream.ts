import { setMaxListeners } from "node:events";
import { MigrationError } from "../../errors/migration-error";
import type { StreamHandler } from "../../lambda/src/handler";
import { type Checkpoint, readCheckpoint } from "./checkpoint";
import { checkpointWriter } from "./checkpoint-writer";
import { deliverRecords } from "./deliver-records";
import { backoffMilliseconds, pause } from "./pause";
import { readShard } from "./shard-reader";
import { mergeShards, readableShards } from "./shard-tree";
import { classifyStreamError } from "./stream-error";
import { isTooLate, type StreamProgress, streamProgress } from "./stream-progress";
import type { Shard, StreamSource } from "./stream-source";

export interface StreamReplication {
  readonly source: StreamSource;
  readonly handler: StreamHandler;
  readonly checkpointFile: string;
  /** Where to begin when there is no checkpoint file yet. */
  readonly from: "oldest" | "latest";
  /** End when nothing has arrived for so long; absent: only `signal` ends it. */
  readonly stopWhenIdleSeconds?: number | undefined;
  readonly signal: AbortSignal;
  /** Called once all that happens from now on will be published, now or after a restart. */
  readonly onReady: (progress: StreamProgress) => void;
  readonly warn: (message: string) => void;
  readonly timing?: Partial<typeof defaultTiming>;
}

/** Milliseconds. A shard is polled four times a second, as Lambda does. */
const defaultTiming = { poll: 250, discovery: 10_000, checkpoint: 200, backoff: 500, idleCheck: 100 };
const heartbeatMilliseconds = 60_000;

/**
 * Publishes a stream's records through the handler, at least once and each shard in its order, and goes on from the
 * checkpoint file where that exists. Ends when stopped or idle.
 *
 * @returns the number of records published.
 * @throws MigrationError E_STREAM_CHANGED, E_STREAM_TRIMMED, E_STREAM_READ, E_CHECKPOINT_INVALID, E_CHECKPOINT_WRITE, and
 *   what the handler throws. What is published until then is in the checkpoint.
 */
export async function replicateStream(replication: StreamReplication): Promise<number> {
  const timing = { ...defaultTiming, ...replication.timing };
  const { source, checkpointFile } = replication;
  const stored = await readCheckpoint(checkpointFile);
  if (stored !== undefined) requireUsable(stored, source.arn, checkpointFile);

  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    stop.abort();
  };
  const onStop = () => stop.abort();
  if (replication.signal.aborted) onStop();
  replication.signal.addEventListener("abort", onStop);

  const progress = streamProgress(source.arn, stored);
  const checkpoint = checkpointWriter(checkpointFile, () => progress.checkpoint, fail, timing.checkpoint);
  const heartbeat = setInterval(() => checkpoint.changed(), heartbeatMilliseconds);
  const run = { ...replication, timing, progress, checkpoint, fail, signal: stop.signal };
  const idleCheck = setInterval(() => {
    const seconds = replication.stopWhenIdleSeconds;
    if (seconds !== undefined && progress.idleFor(seconds * 1000)) stop.abort();
  }, timing.idleCheck);
  try {
    await readAllShards(run, stored === undefined && replication.from === "latest");
  } catch (error) {
    fail(error);
  } finally {
    clearInterval(heartbeat);
    clearInterval(idleCheck);
    replication.signal.removeEventListener("abort", onStop);
  }
  if (progress.checkpoint.shards.size > 0) await checkpoint.flush().catch(fail);
  if (failures.length > 0) throw failures[0];
  return progress.published;
}

type Run = StreamReplication & {
  readonly timing: typeof defaultTiming;
  readonly progress: StreamProgress;
  readonly checkpoint: ReturnType<typeof checkpointWriter>;
  readonly fail: (error: unknown) => void;
};

/** A position in another stream means nothing, and after a pause as long as the stream's memory none is certain. */
function requireUsable({ streamArn, upToDateAt }: Checkpoint, arn: string, file: string): void {
  if (streamArn !== arn) {
    throw new MigrationError(
      "E_STREAM_CHANGED",
      `${file} is a checkpoint of ${streamArn}; the table's stream is ${arn}.`,
    );
  }
  requireInTime(upToDateAt);
}

function requireInTime(upToDateAt: number): void {
  if (isTooLate(upToDateAt)) {
    throw new MigrationError(
      "E_STREAM_TRIMMED",
      `All changes were published at ${new Date(upToDateAt).toISOString()} for the last time: more than 24 hours ago.`,
    );
  }
}

/** Lists the shards again and again, and reads each when its turn has come, until the signal; then waits for all. */
async function readAllShards(run: Run, fromLatest: boolean): Promise<void> {
  const { progress, signal, timing } = run;
  const readers = new Set<Promise<void>>();
  const discovery = Math.min(timing.discovery, (run.stopWhenIdleSeconds ?? Number.POSITIVE_INFINITY) * 500);
  let wake = new AbortController();
  signal.addEventListener("abort", () => wake.abort());

  const read = async (shardId: string, iterator: string | undefined) => {
    progress.started(shardId);
    try {
      await readToEnd(run, shardId, iterator);
    } catch (error) {
      run.fail(error);
    } finally {
      progress.ended(shardId);
      // It may have children, whose turn it is now.
      wake.abort();
    }
  };

  for (let first = true; !signal.aborted; first = false) {
    wake = new AbortController();
    const iterators = await discoverShards(run, first && fromLatest);
    for (const shardId of readableShards(progress.checkpoint.shards)) {
      if (progress.reading.has(shardId)) continue;
      const reader = read(shardId, iterators.get(shardId)).then(() => void readers.delete(reader));
      readers.add(reader);
    }
    if (first && !signal.aborted) {
      await run.checkpoint.flush();
      run.onReady(progress);
    }
    await pause(discovery, wake.signal);
  }
  await Promise.all(readers);
}

async function readToEnd(run: Run, shardId: string, iterator: string | undefined): Promise<void> {
  const { source, handler, progress, checkpoint, signal, warn } = run;
  const finished = await readShard({
    source,
    shardId,
    iterator,
    position: () => progress.position(shardId),
    deliver: (records) =>
      deliverRecords(records, {
        handler,
        onPublished: (sequenceNumber, count) => {
          progress.advance(shardId, { state: "reading", sequenceNumber }, count);
          checkpoint.changed();
        },
        onFailures: (failures) => progress.failing(shardId, failures > 0),
        onUnexpectedError: (error) => warn(`Shard ${shardId}: the handler failed: ${String(error)}`),
        backoffMilliseconds: run.timing.backoff,
        signal,
      }),
    onEmptyPage: () => progress.emptyPage(shardId),
    onTransientError: (reason) => {
      progress.failing(shardId, true);
      warn(reason);
    },
    pollMilliseconds: run.timing.poll,
    backoffMilliseconds: run.timing.backoff,
    signal,
  });
  if (finished) {
    progress.advance(shardId, { state: "finished" }, 0);
    checkpoint.changed();
  }
}

/**
 * Takes a new listing into the progress.
 *
 * @param fromLatest pass over what the stream holds already.
 * @returns iterators at the newest end of the open shards, if asked for that; else none.
 */
async function discoverShards(run: Run, fromLatest: boolean): Promise<ReadonlyMap<string, string>> {
  const { source, progress, signal, warn } = run;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      requireInTime(progress.checkpoint.upToDateAt);
      const listedAt = Date.now();
      const listed = await source.shards(signal);
      const iterators = fromLatest ? await latestIterators(source, listed, signal) : new Map<string, string>();
      progress.replaceShards(mergeShards(progress.checkpoint.shards, listed, progress.reading), listedAt);
      for (const { id, closed } of fromLatest ? listed : []) {
        if (closed) progress.advance(id, { state: "finished" }, 0);
      }
      return iterators;
    } catch (error) {
      const failure = classifyStreamError(error, `Stream ${source.arn}`);
      if (failure.kind === "fatal") throw failure.error;
      if (signal.aborted) break;
      if (failure.kind === "transient") warn(failure.reason);
      await pause(backoffMilliseconds(failures, run.timing.backoff), signal);
    }
  }
  return new Map();
}

/**
 * If a shard is closed and continued by a child meanwhile, its iterator finds nothing more and the child is read from its
 * start: nothing that is written from now on is passed over.
 */
async function latestIterators(
  source: StreamSource,
  shards: readonly Shard[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const open = shards.filter(({ closed }) => !closed);
  const iterators = await Promise.all(open.map(({ id }) => source.iterator(id, { kind: "latest" }, signal)));
  return new Map(open.map(({ id }, index) => [id, iterators[index] ?? ""]));
}
