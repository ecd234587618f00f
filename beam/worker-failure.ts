import "apache-beam";
import { Worker } from "apache-beam/worker/worker";
import { encodeFailure } from "./failure-text";

/**
 * In a remote worker: errors that end a bundle are reported so that the launcher can tell which they were. The SDK
 * reports `"" + error` (worker/worker.js:299), without code and details. Not on the direct runner, where the error
 * itself arrives.
 */
export function installWorkerFailure(): void {
  const { aquireBundleProcessor } = Worker.prototype;
  // Building a bundle's steps may fail as well as running them.
  Worker.prototype.aquireBundleProcessor = function (this: Worker, descriptorId) {
    try {
      const processor = aquireBundleProcessor.call(this, descriptorId);
      const { process } = processor;
      if (!Object.hasOwn(processor, "process")) {
        processor.process = (instructionId) =>
          process.call(processor, instructionId).catch((error: unknown) => {
            throw new ReportedFailure(error);
          });
      }
      return processor;
    } catch (error) {
      throw new ReportedFailure(error);
    }
  };
}

class ReportedFailure extends Error {
  constructor(readonly reason: unknown) {
    super(encodeFailure(reason), { cause: reason });
  }

  override toString(): string {
    return this.message;
  }
}
