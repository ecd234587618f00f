import "apache-beam";
import type * as runnerApi from "apache-beam/proto/beam_runner_api";
import type { WindowedValue } from "apache-beam/values";
import * as operators from "apache-beam/worker/operators";
import { createSideInputInfo, ParamProviderImpl } from "apache-beam/worker/pardo_context";
import type { AsyncDoFn, Emit, FinishEmit } from "./async-do-fn";
import { type BundleRun, currentBundleRun } from "./bundle-run";
import { globalWindowPosition, valueAt } from "./element-position";

type Result = operators.ProcessResult;

/**
 * Runs an {@link AsyncDoFn} inside the SDK's worker and direct runner, whose DoFns are synchronous but whose operators
 * may answer with promises.
 *
 * Three rules keep bundles honest:
 * - Elements are processed one at a time; `process` answers `null` when the element is done, else a promise of it.
 * - That promise never rejects: several of the SDK's operators drop promises, and a dropped rejection would end the
 *   Node process. The first error is kept instead, elements after it are skipped, and it is thrown by the next
 *   `process` and by `finishBundle`, so the bundle cannot succeed.
 * - After `finishBundle` or `abandonBundle` nothing of the bundle is in flight any more.
 */
export class ParDoOperator implements operators.IOperator {
  private readonly receiver: operators.Receiver;
  private readonly sideInputs: ReturnType<typeof createSideInputInfo>;
  private params: ParamProviderImpl;
  private context: unknown;
  private run: BundleRun | undefined;
  /** The work in flight; `null` when there is none. */
  private tail: Promise<void> | null = null;
  private failure: { readonly error: unknown } | undefined;
  private isOpen = false;
  private last: WindowedValue<unknown> | undefined;

  constructor(
    readonly transformId: string,
    transform: runnerApi.PTransform,
    spec: runnerApi.ParDoPayload,
    private readonly operatorContext: operators.OperatorContext,
    private readonly doFn: AsyncDoFn<unknown, unknown, unknown>,
    private readonly contextSpec: unknown,
  ) {
    const [output] = Object.values(transform.outputs);
    this.receiver = operatorContext.getReceiver(output);
    this.sideInputs = createSideInputInfo(transform, spec, operatorContext);
    this.params = this.createParams();
  }

  async startBundle(): Promise<void> {
    this.tail = null;
    this.failure = undefined;
    this.last = undefined;
    this.run = currentBundleRun();
    this.params = this.createParams();
    this.context = this.params.augmentContext(this.contextSpec);
    this.isOpen = true;
    await this.doFn.startBundle?.(this.context);
  }

  process(element: WindowedValue<unknown>): Result {
    this.throwFailure();
    if (this.context !== undefined && element.windows.length !== 1) {
      return this.processEachWindow(element);
    }
    return this.tail === null ? this.processNow(element) : this.processAfter(this.tail, element);
  }

  async finishBundle(): Promise<void> {
    await this.settle();
    this.throwFailure();
    const { finishBundle } = this.doFn;
    if (finishBundle !== undefined) {
      this.params.setCurrentValue(undefined);
      await finishBundle.call(this.doFn, this.context, this.finishEmit());
    }
    this.throwFailure();
    this.isOpen = false;
    this.last = undefined;
  }

  /** First half of giving a bundle up: from now on nothing is processed or emitted. */
  stopBundle(error: unknown): void {
    this.failure ??= { error };
  }

  /** Second half: waits for what is in flight and lets the DoFn close what it opened. */
  async abandonBundle(error: unknown): Promise<void> {
    await this.settle();
    this.last = undefined;
    if (this.isOpen) {
      this.isOpen = false;
      await this.doFn.abandonBundle?.(error);
    }
  }

  private createParams(): ParamProviderImpl {
    const { getStateProvider, metricsContainer } = this.operatorContext;
    return new ParamProviderImpl(this.transformId, this.sideInputs, getStateProvider, metricsContainer);
  }

  /** As the SDK does it: a DoFn that may ask for "the window" sees one at a time. */
  private processEachWindow(element: WindowedValue<unknown>): Result {
    const result = new operators.ProcessResultBuilder();
    for (const window of element.windows) {
      result.add(this.process({ ...element, windows: [window] }));
    }
    return result.build();
  }

  private processNow(element: WindowedValue<unknown>): Result {
    let result: Promise<void> | undefined;
    try {
      result = this.call(element);
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
    return result === undefined ? operators.NonPromise : this.track(result);
  }

  private processAfter(tail: Promise<void>, element: WindowedValue<unknown>): Promise<void> {
    return this.track(tail.then(() => (this.failure === undefined ? this.call(element) : undefined)));
  }

  private track(work: Promise<void>): Promise<void> {
    const tracked: Promise<void> = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .then(() => {
        if (this.tail === tracked) {
          this.tail = null;
        }
      });
    this.tail = tracked;
    return tracked;
  }

  private call(element: WindowedValue<unknown>): Promise<void> | undefined {
    const sideInputs = this.params.setCurrentValue(element);
    if (sideInputs === operators.NonPromise) {
      return this.callDoFn(element);
    }
    return sideInputs.then(() => {
      // The values are there now: this call only makes the element the current one.
      this.params.setCurrentValue(element);
      return this.callDoFn(element);
    });
  }

  private callDoFn(element: WindowedValue<unknown>): Promise<void> | undefined {
    this.last = element;
    const emit: Emit<unknown> = (value) => this.emit(valueAt(value, element));
    // `void` stands for undefined here: the type of a method that may or may not be asynchronous.
    return this.doFn.process(element.value, this.context, emit) as Promise<void> | undefined;
  }

  private finishEmit(): FinishEmit<unknown> {
    const lastPosition = this.last ?? globalWindowPosition();
    return (value, position = lastPosition) => this.emit(valueAt(value, position));
  }

  private emit(value: WindowedValue<unknown>): Result {
    this.throwFailure();
    if (!this.isOpen) {
      throw new Error(`${this.transformId} emitted a value after its bundle had ended.`);
    }
    return this.receiver.receive(value);
  }

  private throwFailure(): void {
    if (this.failure !== undefined) {
      throw this.failure.error;
    }
    this.run?.throwIfCancelled();
  }

  private async settle(): Promise<void> {
    while (this.tail !== null) {
      await this.tail;
    }
  }
}
