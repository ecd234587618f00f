import type { DynamoDBRecord } from "aws-lambda";
import type { Shard, StreamPosition, StreamSource } from "../../../scripts/streams/stream-source";
import { putRecord, streamArn } from "../../lambda/stream-records";

interface FakeShard {
  readonly id: string;
  readonly parent: string | undefined;
  readonly keys: readonly string[];
  readonly records: DynamoDBRecord[];
  /** Index of the oldest record that is still there. */
  horizon: number;
  closed: boolean;
  listed: boolean;
}

export interface FakeStream extends StreamSource {
  /** Every record that was ever written, in order. */
  readonly written: readonly DynamoDBRecord[];
  write(key: string): void;
  /** Closes the shard that takes this key's changes and continues it by `children` shards that share its keys. */
  close(key: string, children: number): void;
  /** Every iterator handed out so far is too old. */
  expireIterators(): void;
  /** Drops the records of the shard that took the key's first changes; a closed shard is not listed any more. */
  trim(key: string): void;
  /** The next calls fail with these, one each. */
  failNext(...errors: readonly Error[]): void;
}

export function awsError(name: string, fault: "client" | "server" = "client"): Error {
  return Object.assign(new Error(`message of ${name}`), { name, $fault: fault });
}

const pageSize = 3;

/** A DynamoDB stream in memory, with the shards' life cycle of the real one. */
export function fakeStream(keys: readonly string[]): FakeStream {
  const shards: FakeShard[] = [];
  const written: DynamoDBRecord[] = [];
  const failures: Error[] = [];
  let generation = 0;

  const addShard = (shardKeys: readonly string[], parent?: string) =>
    shards.push({
      id: `s${shards.length}`,
      parent,
      keys: shardKeys,
      records: [],
      horizon: 0,
      closed: false,
      listed: true,
    });
  const openShardOf = (key: string) => shards.find((shard) => !shard.closed && shard.keys.includes(key));
  const shardOf = (id: string) => {
    const shard = shards.find((candidate) => candidate.id === id);
    if (!shard?.listed) throw awsError("ResourceNotFoundException");
    return shard;
  };
  const answer = async () => {
    await new Promise(setImmediate);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  addShard(keys);

  return {
    arn: streamArn,
    written,
    write: (key) => {
      const record = putRecord(key, String(written.length + 1));
      written.push(record);
      openShardOf(key)?.records.push(record);
    },
    close: (key, children) => {
      const shard = openShardOf(key);
      if (shard === undefined) return;
      shard.closed = true;
      for (let child = 0; child < children; child += 1) {
        addShard(
          shard.keys.filter((_, index) => index % children === child),
          shard.id,
        );
      }
    },
    expireIterators: () => {
      generation += 1;
    },
    trim: (key) => {
      const shard = shards.find((candidate) => candidate.listed && candidate.keys.includes(key));
      if (shard === undefined) return;
      shard.horizon = shard.records.length;
      shard.listed = !shard.closed;
    },
    failNext: (...errors) => void failures.push(...errors),
    shards: async () => {
      await answer();
      return shards
        .filter(({ listed }) => listed)
        .map(({ id, parent, closed }): Shard => ({ id, closed, ...(parent === undefined ? {} : { parent }) }));
    },
    iterator: async (shardId, position) => {
      await answer();
      const shard = shardOf(shardId);
      return `${generation}|${shardId}|${indexOf(shard, position)}`;
    },
    records: async (iterator) => {
      await answer();
      const [madeIn, shardId = "", start] = iterator.split("|");
      if (Number(madeIn) !== generation) throw awsError("ExpiredIteratorException");
      const shard = shardOf(shardId);
      const index = Number(start);
      if (index < shard.horizon) throw awsError("TrimmedDataAccessException");
      const records = shard.records.slice(index, index + pageSize);
      const next = index + records.length;
      return shard.closed && next === shard.records.length
        ? { records }
        : { records, next: `${generation}|${shardId}|${next}` };
    },
  };
}

function indexOf(shard: FakeShard, position: StreamPosition): number {
  switch (position.kind) {
    case "oldest":
      return shard.horizon;
    case "latest":
      return shard.records.length;
    case "after": {
      const index = shard.records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === position.sequenceNumber) + 1;
      if (index < shard.horizon) throw awsError("TrimmedDataAccessException");
      return index;
    }
  }
}
