import type { ChangeCounts } from "../transforms/change-ledger";
import type { RunState } from "./run-recorder";

/** How a stream has ended, on whichever runner. */
export interface StreamEnd {
  /** The error that ended it; undefined if it was told to stop, or idle for long enough. */
  readonly failure: unknown;
  readonly counts: Readonly<ChangeCounts>;
  /** Windows that were applied; null where workers make them, each for itself. */
  readonly windows: number | null;
  /** Whether each message was counted once: else the counts are the runner's, which may lack some and have some twice. */
  readonly exact: boolean;
}

/** What a stream does on its way, on whichever runner. */
export interface StreamEvents {
  /** Is told how long the subscription keeps messages, before one is pulled; what it throws ends the stream. */
  check(retentionSeconds: number | undefined): void;
  /** The stream begins; `state` is to be recorded until it has ended. */
  begin(state: () => RunState): void;
}
