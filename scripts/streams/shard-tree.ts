import { MigrationError } from "../../errors/migration-error";
import type { ShardCheckpoint } from "./checkpoint";
import type { Shard } from "./stream-source";

type KnownShards = ReadonlyMap<string, ShardCheckpoint>;

/**
 * Takes a listing of the stream's shards into what is known of them: new shards are added as unread; a finished shard
 * that is no longer listed is forgotten once a child of it is known (until then it must stay, or its children could not
 * be told from ones whose parent was missed).
 *
 * DynamoDB lists a shard for as long as it may hold records, 24 hours after it was closed.
 *
 * @param reading shards that are being read now: their readers notice by themselves when data is gone.
 * @throws MigrationError E_STREAM_TRIMMED when a shard that was not read to its end is gone, or was never seen at all.
 */
export function mergeShards(known: KnownShards, listed: readonly Shard[], reading: ReadonlySet<string>): KnownShards {
  const listedIds = new Set(listed.map(({ id }) => id));
  requireNoneMissed(known, listed, listedIds);
  for (const [id, { progress }] of known) {
    if (progress.state !== "finished" && !listedIds.has(id) && !reading.has(id)) {
      throw trimmed(`the shard ${id} was not read to its end and has gone`);
    }
  }
  const merged = new Map(known);
  for (const { id, parent } of listed) {
    if (!merged.has(id)) merged.set(id, { parent, progress: { state: "unread" } });
  }
  const parents = new Set([...merged.values()].map(({ parent }) => parent));
  for (const [id, { progress }] of known) {
    if (progress.state === "finished" && !listedIds.has(id) && parents.has(id)) merged.delete(id);
  }
  return merged;
}

/** At the first listing an unknown parent is older than the stream's memory; later it is one that was missed. */
function requireNoneMissed(known: KnownShards, listed: readonly Shard[], listedIds: ReadonlySet<string>): void {
  if (known.size === 0) return;
  for (const { id, parent } of listed) {
    if (!known.has(id) && parent !== undefined && !known.has(parent) && !listedIds.has(parent)) {
      throw trimmed(`the shard ${parent}, parent of ${id}, came and went unread`);
    }
  }
}

function trimmed(what: string): MigrationError {
  return new MigrationError("E_STREAM_TRIMMED", `Changes were lost: ${what}.`);
}

/**
 * The shards whose turn it is: not finished, and their parent either finished or older than the stream's memory. An
 * item's changes go on from a shard to its child, so that a child read early would reorder them.
 */
export function readableShards(known: KnownShards): readonly string[] {
  const isFinished = (id: string | undefined) =>
    id === undefined || (known.get(id)?.progress.state ?? "finished") === "finished";
  return [...known].filter(([id, { parent }]) => !isFinished(id) && isFinished(parent)).map(([id]) => id);
}
