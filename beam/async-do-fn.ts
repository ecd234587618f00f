import type { WindowedValue } from "apache-beam/values";

/** Where a value lies in its PCollection: its windows, its timestamp and the pane it came in. */
export type ElementPosition = Readonly<Pick<WindowedValue<unknown>, "windows" | "pane" | "timestamp">>;

/**
 * Hands one output to the steps that follow, in the windows of the element being processed.
 *
 * The result is the back-pressure: when it is not `null`, await it before emitting the next value. It never rejects.
 * A step further down that has failed makes the next call throw that step's error: let it pass, it is the bundle's.
 */
export type Emit<O> = (value: O) => Promise<void> | null;

/**
 * As {@link Emit}, from `finishBundle`. Without a position the value goes where the bundle's last element was (in the
 * global window, unless the input is windowed), which is always a window that the output may have.
 */
export type FinishEmit<O> = (value: O, position?: ElementPosition) => Promise<void> | null;

/**
 * A DoFn whose methods may be asynchronous. Calls to one instance never overlap: the next element is handed over after
 * the promise of the one before has settled, and upstream steps wait meanwhile.
 *
 * Life of an instance: it is copied from the pipeline's description (see README.md for what survives that), then
 * `startBundle`, `process` for each element, and either `finishBundle` or `abandonBundle`; then perhaps the next bundle.
 * Beam's TypeScript SDK has no teardown: what must outlive a bundle (a client, a pool) belongs to the process, what must
 * be closed is closed in `finishBundle` and in `abandonBundle`.
 */
export interface AsyncDoFn<I, O, C = undefined> {
  /** The step's name on a runner's page; the class name by default. */
  readonly beamName?: string;
  startBundle?(context: C): void | Promise<void>;
  /**
   * Work may go on after `process` has returned (several requests in flight): then `finishBundle` must wait for it, and
   * its outputs may still be handed to the element's own `emit`, which is valid until `finishBundle` has returned.
   */
  process(element: I, context: C, emit: Emit<O>): void | Promise<void>;
  /** All work of the bundle must be done when this returns: the runner then counts its elements as processed. */
  finishBundle?(context: C, emit: FinishEmit<O>): void | Promise<void>;
  /**
   * Called instead of (the rest of) `finishBundle` when the bundle has failed, in this step or in another one: close
   * what is open, stop what is in flight, wait for it. Nothing may be emitted. `error` is the bundle's.
   */
  abandonBundle?(error: unknown): void | Promise<void>;
}
