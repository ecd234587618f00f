import { openFolder } from "../storage/open-folder";
import type { ChangeCounts } from "../transforms/change-ledger";
import type { RunState } from "./run-recorder";
import type { StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";

/** How long workers of a runner wait within a bundle, which holds up its checkpoint or its place. */
export interface WorkerWaits {
  /** At most, for rows of other items. */
  readonly mostParentWaitSeconds: number;
  /** For a Spanner that is out of reach. */
  readonly retryMilliseconds: number;
}

/** The steps' settings on workers: what can't be given back to the subscription is waited for in the bundle. */
export function onWorkers(
  config: StreamConfig,
  { mostParentWaitSeconds, retryMilliseconds }: WorkerWaits,
): StreamConfig {
  const { apply } = config;
  return {
    ...config,
    apply: {
      ...apply,
      waiting: "in the bundle",
      parentWaitSeconds: Math.min(apply.parentWaitSeconds, mostParentWaitSeconds),
      retryMilliseconds,
    },
    deadLetters: openFolder(config.deadLetters).url,
  };
}

/**
 * What a run on workers tells of itself. What workers hold, and how old it is, is not known here: `status` makes no GO of
 * such a stream.
 *
 * @param counts are kept up by the caller
 * @param counted whether anybody keeps them up
 */
export function workersState(
  { runner, deadLetters }: StreamArguments,
  counts: ChangeCounts,
  counted: boolean,
): () => RunState {
  const { url } = openFolder(deadLetters);
  return () => ({
    done: counted ? counts.read : undefined,
    counts: { ...counts, written: counts.applied },
    runner,
    deadLetters: url,
  });
}
