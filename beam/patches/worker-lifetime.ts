import "apache-beam";
import { Worker } from "apache-beam/worker/worker";

/**
 * The SDK's `Worker.wait` ends after 10^9 ms, some 11.6 days, whatever the worker is doing, and not a moment before, so
 * that a worker whose runner is gone lingers (worker/worker.js:154). With this patch it ends when the runner ends the
 * control channel, and throws when that channel breaks.
 */
export function installWorkerLifetime(): void {
  Worker.prototype.wait = function (this: Worker): Promise<void> {
    return new Promise((resolve, reject) => {
      this.controlChannel.once("end", resolve);
      this.controlChannel.once("error", reject);
    });
  };
}
