import { counter } from "apache-beam/transforms/pardo";
import type { AsyncDoFn, Emit, FinishEmit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { type ChangeCounts, type ChangeLedger, countChangesInto, createChangeLedger, noChanges } from "./change-ledger";

/** A Beam counter for each count of changes, by its name. */
export type ChangeCounters = Readonly<Record<keyof ChangeCounts, ReturnType<typeof counter>>>;

export function changeCounters(): ChangeCounters {
  const names = Object.keys(noChanges()) as (keyof ChangeCounts)[];
  return Object.fromEntries(names.map((name) => [name, counter(name)])) as ChangeCounters;
}

/**
 * A step of the stream, unchanged, whose counts become Beam counters at the end of each bundle: workers of a remote runner
 * share no ledger with the launcher. A change that is delivered again, after a failure, counts again.
 */
export class MeteredStep<I, O> implements AsyncDoFn<I, O, ChangeCounters> {
  readonly beamName: string;
  private bundle: ChangeLedger | undefined;

  constructor(
    readonly runId: string,
    readonly step: AsyncDoFn<I, O, unknown>,
  ) {
    this.beamName = step.beamName ?? step.constructor.name;
  }

  startBundle(): void | Promise<void> {
    this.bundle = createChangeLedger();
    return this.counting(() => this.step.startBundle?.(undefined));
  }

  process(element: I, _context: ChangeCounters, emit: Emit<O>): void | Promise<void> {
    return this.counting(() => this.step.process(element, undefined, emit));
  }

  async finishBundle(context: ChangeCounters, emit: FinishEmit<O>): Promise<void> {
    await this.counting(() => this.step.finishBundle?.(undefined, emit));
    // Only now is everything of the bundle done and counted.
    const { total } = this.bundle ?? createChangeLedger();
    for (const [name, count] of Object.entries(total) as [keyof ChangeCounts, number][]) {
      if (count > 0) context[name].increment(count);
    }
    this.bundle = undefined;
  }

  async abandonBundle(error: unknown): Promise<void> {
    await this.counting(() => this.step.abandonBundle?.(error));
    this.bundle = undefined;
  }

  private counting<T>(work: () => T): T {
    return this.bundle === undefined ? work() : countChangesInto(this.runId, this.bundle, work);
  }
}

registerForWorkers("transforms/metered-step", { MeteredStep });
