import type { DynamoDBRecord } from "aws-lambda";
import { backoffMilliseconds, pause } from "./pause";
import { classifyStreamError } from "./stream-error";
import type { StreamPosition, StreamSource } from "./stream-source";

export interface ShardReading {
  readonly source: StreamSource;
  readonly shardId: string;
  /** An iterator that was taken already; it is used first. */
  readonly iterator?: string | undefined;
  /** Where to read when there is no iterator, or when it has expired: after what has been published. */
  readonly position: () => StreamPosition;
  /** Resolves to false if it was stopped before all were published. */
  readonly deliver: (records: readonly DynamoDBRecord[]) => Promise<boolean>;
  /** Called after each answer without records. */
  readonly onEmptyPage: () => void;
  /** Called when reading fails for a while. */
  readonly onTransientError: (reason: string) => void;
  /** How long to wait after an empty page. */
  readonly pollMilliseconds: number;
  /** Wait before the first retry. */
  readonly backoffMilliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Reads a shard page by page and delivers each page before it reads the next.
 *
 * @returns true when the shard is closed and all its records are delivered, false when it was stopped.
 * @throws MigrationError E_STREAM_TRIMMED, E_STREAM_READ, or what `deliver` throws.
 */
export async function readShard(reading: ShardReading): Promise<boolean> {
  const { source, shardId, signal } = reading;
  let { iterator } = reading;
  for (let failures = 0; !signal.aborted; ) {
    try {
      iterator ??= await source.iterator(shardId, reading.position(), signal);
      const page = await source.records(iterator, signal);
      failures = 0;
      if (page.records.length > 0 && !(await reading.deliver(page.records))) return false;
      if (page.next === undefined) return true;
      iterator = page.next;
      if (page.records.length === 0) {
        reading.onEmptyPage();
        await pause(reading.pollMilliseconds, signal);
      }
    } catch (error) {
      if (signal.aborted) return false;
      const failure = classifyStreamError(error, `Shard ${shardId}`);
      if (failure.kind === "fatal") throw failure.error;
      iterator = undefined;
      failures += 1;
      if (failure.kind === "transient") reading.onTransientError(failure.reason);
      if (failure.kind === "transient" || failures > 1)
        await pause(backoffMilliseconds(failures, reading.backoffMilliseconds), signal);
    }
  }
  return false;
}
