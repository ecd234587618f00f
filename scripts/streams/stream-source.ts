import type { DynamoDBRecord } from "aws-lambda";

/** A shard of a stream: a queue of changes that is open for some hours, then closed and continued by its children. */
export interface Shard {
  readonly id: string;
  /** Absent for the first shards of a stream; it may name a shard that is no longer listed. */
  readonly parent?: string;
  /** Nothing will be added to it. */
  readonly closed: boolean;
}

export type StreamPosition =
  /** Before the oldest record that the shard still holds (TRIM_HORIZON). */
  | { readonly kind: "oldest" }
  /** After the newest record (LATEST). */
  | { readonly kind: "latest" }
  | { readonly kind: "after"; readonly sequenceNumber: string };

export interface RecordsPage {
  /** In the shape of Lambda's events; may be empty although records follow. */
  readonly records: readonly DynamoDBRecord[];
  /** Iterator of the next page; absent at the end of a closed shard. */
  readonly next?: string;
}

/** A stream that can be read shard by shard. What its methods throw is for `classifyStreamError`. */
export interface StreamSource {
  readonly arn: string;
  /** All shards that the stream still lists. */
  shards(signal: AbortSignal): Promise<readonly Shard[]>;
  iterator(shardId: string, position: StreamPosition, signal: AbortSignal): Promise<string>;
  records(iterator: string, signal: AbortSignal): Promise<RecordsPage>;
}
