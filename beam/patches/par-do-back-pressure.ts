import "apache-beam";
import { deserializeFn } from "apache-beam/internal/serialize";
import { SERIALIZED_JS_DOFN_INFO } from "apache-beam/internal/urns";
import type { DoFn } from "apache-beam/transforms/pardo";
import type { AsyncDoFn, Emit, FinishEmit } from "../async-do-fn";
import { expectInternal } from "../beam-version";
import { ParDoOperator } from "../par-do-operator";
import { registerDoFnOperator } from "../par-do-registry";

/**
 * The SDK's ParDo (map, flatMap, create ...) hands all outputs of an element on at once (worker/operators.js:548), so
 * one element with a million outputs fills the memory with promises of whatever asynchronous step follows. With this
 * patch its DoFns run as asynchronous ones, which take the next output when the one before has been taken.
 */
export function installParDoBackPressure(): void {
  registerDoFnOperator(SERIALIZED_JS_DOFN_INFO, (transformId, transform, spec, operatorContext) => {
    const { doFn, context } = deserializeFn(expectInternal(spec.doFn, "the DoFn of a ParDo").payload) as {
      readonly doFn: DoFn<unknown, unknown, unknown>;
      readonly context: unknown;
    };
    return new ParDoOperator(transformId, transform, spec, operatorContext, new SynchronousDoFn(doFn), context);
  });
}

class SynchronousDoFn implements AsyncDoFn<unknown, unknown, unknown> {
  constructor(private readonly doFn: DoFn<unknown, unknown, unknown>) {}

  startBundle(context: unknown): void {
    this.doFn.startBundle?.(context);
  }

  process(element: unknown, context: unknown, emit: Emit<unknown>): void | Promise<void> {
    const outputs = this.doFn.process(element, context);
    return outputs ? emitAll(outputs, emit) : undefined;
  }

  async finishBundle(context: unknown, emit: FinishEmit<unknown>): Promise<void> {
    for (const output of this.doFn.finishBundle?.(context) ?? []) {
      await emit(output.value, output);
    }
  }
}

/** Stays synchronous for as long as the steps that follow do: most elements cost no promise. */
function emitAll(outputs: Iterable<unknown>, emit: Emit<unknown>): undefined | Promise<void> {
  const iterator = outputs[Symbol.iterator]();
  try {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      const taken = emit(next.value);
      if (taken !== null) {
        return emitRest(taken, iterator, emit);
      }
    }
    return undefined;
  } catch (error) {
    iterator.return?.();
    throw error;
  }
}

async function emitRest(taken: Promise<void>, iterator: Iterator<unknown>, emit: Emit<unknown>): Promise<void> {
  try {
    await taken;
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      await emit(next.value);
    }
  } catch (error) {
    iterator.return?.();
    throw error;
  }
}
