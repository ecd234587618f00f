import { counter } from "apache-beam/transforms/pardo";
import type { AsyncDoFn, Emit, FinishEmit } from "../beam/async-do-fn";
import type { Tagged } from "../beam/tagged-outputs";
import { registerForWorkers } from "../beam/worker-module";
import { countInto, createLedger, type FileCounts, type Ledger } from "./ledger";
import { reportWorker } from "./worker-report";
import type { CountsFile } from "./write-counts";

/** What a step has counted for one file in one bundle. */
export interface BundleCounts {
  /** All counts are brought together by it. */
  readonly key: string;
  /** A `[file, FileCounts]`, as JSON: the coder between stages knows numbers of 32 bits and some names only. */
  readonly json: string;
}

export interface CountedOutputs<O> {
  readonly outputs: O;
  readonly counts: BundleCounts;
}

/** A Beam counter for each count: what a runner shows of the job. */
export type CountCounters = Readonly<Record<keyof FileCounts, ReturnType<typeof counter>>>;

export function countCounters(): CountCounters {
  return {
    read: counter("read"),
    written: counter("written"),
    stale: counter("stale"),
    filtered: counter("filtered"),
    deadLettered: counter("deadLettered"),
    bytesRead: counter("bytesRead"),
  };
}

/**
 * A step, unchanged, whose counts leave it as elements at the end of each bundle. Workers of a remote runner share no
 * ledger with the launcher, and a bundle that fails is run again: but of its outputs, these counts among them, a runner
 * keeps exactly those of the attempt that succeeded. So what arrives is counted once, whatever was tried before.
 *
 * (Rows are written again by the second attempt, with the same values: the rows that it reports are in the database.)
 */
export class CountedStep<I, O> implements AsyncDoFn<I, Tagged<CountedOutputs<O>>, CountCounters> {
  readonly beamName: string;
  private bundle: Ledger | undefined;

  constructor(
    readonly runId: string,
    readonly step: AsyncDoFn<I, O, unknown>,
    /** Beside it, workers say how far they are while they work; absent: they do not. */
    readonly countsFile?: CountsFile,
  ) {
    this.beamName = step.beamName ?? step.constructor.name;
  }

  startBundle(): void | Promise<void> {
    if (this.countsFile !== undefined) reportWorker(this.runId, this.countsFile);
    this.bundle = createLedger();
    return this.counting(() => this.step.startBundle?.(undefined));
  }

  process(element: I, _context: CountCounters, emit: Emit<Tagged<CountedOutputs<O>>>): void | Promise<void> {
    return this.counting(() => this.step.process(element, undefined, (outputs) => emit({ outputs })));
  }

  async finishBundle(context: CountCounters, emit: FinishEmit<Tagged<CountedOutputs<O>>>): Promise<void> {
    await this.counting(() => this.step.finishBundle?.(undefined, (outputs, position) => emit({ outputs }, position)));
    // Only now is everything of the bundle done and counted.
    const { files, total } = this.bundle ?? createLedger();
    for (const [name, count] of Object.entries(total) as [keyof FileCounts, number][]) {
      if (count > 0) context[name].increment(count);
    }
    for (const counts of files) await emit({ counts: { key: "", json: JSON.stringify(counts) } });
    this.bundle = undefined;
  }

  async abandonBundle(error: unknown): Promise<void> {
    await this.counting(() => this.step.abandonBundle?.(error));
    this.bundle = undefined;
  }

  private counting<T>(work: () => T): T {
    return this.bundle === undefined ? work() : countInto(this.runId, this.bundle, work);
  }
}

registerForWorkers("transforms/counted-step", { CountedStep });
