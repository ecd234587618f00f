import "apache-beam";
import type { PCollection, Root } from "apache-beam/pvalue";
import { impulse } from "apache-beam/transforms/internal";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { registerForWorkers } from "../beam/worker-module";
import type { ChangeMessage } from "./change-message";

/** Messages of the windows that are running, by the window's name. */
const windows = new Map<string, readonly ChangeMessage[]>();

/**
 * Makes the messages of a window available to {@link readWindow} in this process. They do not travel in the pipeline's
 * description, which is built anew for each window.
 */
export function putWindow(name: string, messages: readonly ChangeMessage[]): void {
  windows.set(name, messages);
}

/** Forgets a window. */
export function dropWindow(name: string): void {
  windows.delete(name);
}

/**
 * The messages of one window, as a bounded collection. The direct runner has no unbounded sources: there a stream is one
 * run of the pipeline for each window, and the window is the whole of its input.
 */
export function readWindow(name: string): PTransform<Root, PCollection<ChangeMessage>> {
  return withName(
    "ReadChanges",
    (root: Root): PCollection<ChangeMessage> =>
      root.apply(impulse()).apply(asyncParDo<Uint8Array, ChangeMessage>(new ReadWindow(name))),
  );
}

class ReadWindow implements AsyncDoFn<Uint8Array, ChangeMessage> {
  readonly beamName = "ReadWindow";

  constructor(readonly name: string) {}

  async process(_impulse: Uint8Array, _context: undefined, emit: Emit<ChangeMessage>): Promise<void> {
    const messages = windows.get(this.name);
    if (messages === undefined) throw new TypeError(`there is no window ${this.name} in this process`);
    for (const message of messages) {
      const room = emit(message);
      if (room !== null) await room;
    }
  }
}

registerForWorkers("transforms/read-changes", { ReadWindow });
