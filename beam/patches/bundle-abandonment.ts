import "apache-beam";
import { DataSourceOperator } from "apache-beam/worker/operators";
import { BundleProcessor } from "apache-beam/worker/worker";
import { currentBundleRun } from "../bundle-run";
import { ParDoOperator } from "../par-do-operator";

/**
 * When an operator throws, the SDK ends the bundle there (BundleProcessor.process, worker/worker.js:423): operators
 * after it never hear of it, so their files and requests stay open, and work that is in flight goes on after the bundle
 * has been reported as failed. With this patch every DoFn of the bundle stops, and each that has not been finished gets
 * its `abandonBundle`, before the error goes on its way, unchanged.
 */
export function installBundleAbandonment(): void {
  const process = BundleProcessor.prototype.process;
  BundleProcessor.prototype.process = async function (this: BundleProcessor, instructionId: string): Promise<void> {
    currentBundleRun()?.addBundle(this);
    try {
      await process.call(this, instructionId);
    } catch (error) {
      closeInboxes(this, instructionId);
      await abandonBundle(this, error);
      throw error;
    }
  };
}

async function abandonBundle(processor: BundleProcessor, error: unknown): Promise<void> {
  const operators = processor.topologicallyOrderedOperators.filter((operator) => operator instanceof ParDoOperator);
  // All of them first, so that nothing that is still queued is worked on while the steps before it come to rest.
  for (const operator of operators) {
    operator.stopBundle(error);
  }
  for (const operator of operators) {
    try {
      await operator.abandonBundle(error);
    } catch (abandonError) {
      // The bundle's own error is the one to report; this one must not take its place.
      console.warn(`${operator.transformId}: giving up the bundle failed too: ${abandonError}`);
    }
  }
}

/** A bundle that fails while it starts leaves its place in the data channel open: what still arrives would pile up. */
function closeInboxes(processor: BundleProcessor, instructionId: string): void {
  for (const operator of processor.topologicallyOrderedOperators) {
    if (operator instanceof DataSourceOperator) {
      operator.multiplexingDataChannel.unregisterConsumer(instructionId, operator.transformId);
    }
  }
}
