import "apache-beam";
import { BundleProcessor, Worker } from "apache-beam/worker/worker";

/** A method of the console that the SDK prints to. */
type ConsoleMethod = "log" | "debug";

/**
 * The worker prints every request (worker/worker.js:158, 220) and every bundle (worker/worker.js:408). With this patch
 * exactly those lines are left out; everything else that is printed meanwhile, such as by a DoFn, stays.
 */
export function installWorkerNoise(): void {
  // All of these print in the synchronous part of a method, before its first await.
  const { handleRequest, split } = Worker.prototype;
  Worker.prototype.handleRequest = function (this: Worker, request) {
    return without(
      "log",
      (first) => first === request,
      () => handleRequest.call(this, request),
    );
  };
  Worker.prototype.split = function (this: Worker, request) {
    const printed: unknown = request.request.processBundleSplit;
    return without(
      "log",
      (first) => first === printed,
      () => split.call(this, request),
    );
  };
  const { process } = BundleProcessor.prototype;
  BundleProcessor.prototype.process = function (this: BundleProcessor, instructionId) {
    return without(
      "debug",
      (first) => first === "Processing ",
      () => process.call(this, instructionId),
    );
  };
}

function without<T>(method: ConsoleMethod, isNoise: (first: unknown) => boolean, call: () => T): T {
  const print = console[method];
  const filtered = (...values: unknown[]): void => {
    if (!isNoise(values[0])) {
      print.apply(console, values);
    }
  };
  console[method] = filtered;
  try {
    return call();
  } finally {
    // Whoever has set the method meanwhile meant it to stay.
    if (console[method] === filtered) {
      console[method] = print;
    }
  }
}
