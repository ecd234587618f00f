import type { Checkpoint, ShardCheckpoint, ShardProgress } from "./checkpoint";
import type { StreamPosition } from "./stream-source";

/** What is known of a stream while it is read: the checkpoint, and what decides whether it is up to date or idle. */
export interface StreamProgress {
  readonly checkpoint: Checkpoint;
  /** The shards that are being read. */
  readonly reading: ReadonlySet<string>;
  /** Records published since the start. */
  readonly published: number;
  /** @param listedAt when the listing that `shards` comes from was asked for, epoch milliseconds. */
  replaceShards(shards: ReadonlyMap<string, ShardCheckpoint>, listedAt: number): void;
  /** Where to go on in a shard: `oldest` where nothing of it is published yet. */
  position(shardId: string): StreamPosition;
  started(shardId: string): void;
  ended(shardId: string): void;
  advance(shardId: string, progress: ShardProgress, records: number): void;
  failing(shardId: string, failing: boolean): void;
  emptyPage(shardId: string): void;
  /** Whether nothing has happened for so long, and since then no new shard was listed and no record found. */
  idleFor(milliseconds: number): boolean;
}

/** DynamoDB may drop a record 24 hours after it was written. */
const retentionMilliseconds = 24 * 60 * 60 * 1000;

/** Whether the stream may have dropped records since it was last up to date. */
export function isTooLate(upToDateAt: number, now = Date.now()): boolean {
  return now - upToDateAt >= retentionMilliseconds;
}

export function streamProgress(
  streamArn: string,
  stored: Checkpoint | undefined,
  now: () => number = Date.now,
): StreamProgress {
  let shards = stored?.shards ?? new Map<string, ShardCheckpoint>();
  let upToDateAt = stored?.upToDateAt ?? now();
  let published = 0;
  let lastEvent = now();
  let lastListing = Number.NEGATIVE_INFINITY;
  const reading = new Set<string>();
  const failingShards = new Set<string>();
  const emptySince = new Map<string, number>();

  return {
    get checkpoint() {
      // A batch that is held back makes the whole stream late: records behind it may be trimmed while it waits. After
      // as long as the stream's memory (the machine may have slept) it is too late for good.
      if (failingShards.size === 0 && !isTooLate(upToDateAt, now())) upToDateAt = now();
      return { streamArn, upToDateAt, shards };
    },
    reading,
    get published() {
      return published;
    },
    replaceShards: (replacement, listedAt) => {
      if ([...replacement.keys()].some((id) => !shards.has(id))) lastEvent = now();
      shards = replacement;
      lastListing = listedAt;
    },
    position: (shardId) => {
      const progress = shards.get(shardId)?.progress;
      return progress?.state === "reading"
        ? { kind: "after", sequenceNumber: progress.sequenceNumber }
        : { kind: "oldest" };
    },
    started: (shardId) => {
      reading.add(shardId);
    },
    ended: (shardId) => {
      // What was failing stays so when it is stopped: its records are still unpublished.
      reading.delete(shardId);
      emptySince.delete(shardId);
    },
    advance: (shardId, progress, records) => {
      shards = new Map(shards).set(shardId, { ...shards.get(shardId), progress });
      published += records;
      lastEvent = now();
    },
    failing: (shardId, failing) => {
      if (failing) failingShards.add(shardId);
      else failingShards.delete(shardId);
      lastEvent = now();
    },
    emptyPage: (shardId) => {
      if (failingShards.delete(shardId)) lastEvent = now();
      emptySince.set(shardId, now());
    },
    idleFor: (milliseconds) =>
      now() - lastEvent >= milliseconds &&
      failingShards.size === 0 &&
      lastListing > lastEvent &&
      [...reading].every((id) => (emptySince.get(id) ?? Number.NEGATIVE_INFINITY) > lastEvent),
  };
}
