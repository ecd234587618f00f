import { AsyncLocalStorage } from "node:async_hooks";
import type { BundleProcessor } from "apache-beam/worker/worker";

/**
 * One run of a pipeline inside this process: lets the launcher see the counters of a bundle while it runs and stop it.
 * A worker process has none: there the runner does both.
 */
export class BundleRun {
  private processors: readonly BundleProcessor[] = [];
  private cancellation: { readonly reason: unknown } | undefined;

  /** The processors of the bundles that this run has started: one on the direct runner. */
  get bundles(): readonly BundleProcessor[] {
    return this.processors;
  }

  addBundle(processor: BundleProcessor): void {
    this.processors = [...this.processors, processor];
  }

  /** Makes the next element, and the next emitted value, of every DoFn throw `reason`. */
  cancel(reason: unknown): void {
    this.cancellation ??= { reason };
  }

  throwIfCancelled(): void {
    if (this.cancellation !== undefined) {
      throw this.cancellation.reason;
    }
  }
}

const storage = new AsyncLocalStorage<BundleRun>();

/** The run that the calling code belongs to. */
export function currentBundleRun(): BundleRun | undefined {
  return storage.getStore();
}

/** Calls `work`; everything it starts belongs to `run`. */
export function withBundleRun<T>(run: BundleRun, work: () => T): T {
  return storage.run(run, work);
}
