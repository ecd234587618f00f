import "apache-beam";
import { deserializeFn } from "apache-beam/internal/serialize";
import * as runnerApi from "apache-beam/proto/beam_runner_api";
import type { PCollection } from "apache-beam/pvalue";
import { type DoFn, parDo } from "apache-beam/transforms/pardo";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import type { AsyncDoFn } from "./async-do-fn";
import { expectInternal } from "./beam-version";
import { ParDoOperator } from "./par-do-operator";
import { registerDoFnOperator } from "./par-do-registry";
import { assertSerializable } from "./serializable";
import { registerForWorkers } from "./worker-module";

/** Marks the ParDos of this module in a pipeline's description. Runners do not look into it. */
const ASYNC_DO_FN_URN = "dynamodb-spanner-migration:dofn:async_js:v1";

/** What the SDK's parDo() expands to, from its input: the third parameter is the description to be filled in. */
type Expansion<I, O> = (
  input: PCollection<I>,
  pipeline: PCollection<I>["pipeline"],
  transform: runnerApi.PTransform,
) => PCollection<O>;

/**
 * Applies an asynchronous DoFn. `context` may hold the SDK's parameters (counters, side inputs, windowParam() ...) and
 * plain values; it is the DoFn's second argument.
 *
 * @throws MigrationError E_BEAM_NOT_SERIALIZABLE if a field of `doFn` would not reach a worker unchanged
 */
export function asyncParDo<I, O, C extends object | undefined = undefined>(
  doFn: AsyncDoFn<I, O, C>,
  context?: C,
): PTransform<PCollection<I>, PCollection<O>> {
  assertSerializable(doFn);
  // The SDK's own expansion does the serialising and the side inputs; only the DoFn's URN is ours. It takes the object
  // as it is: that the methods are asynchronous matters to the operator alone.
  const expand = parDo(doFn as unknown as DoFn<I, O, C>, context) as Expansion<I, O>;
  return withName(doFn.beamName ?? doFn.constructor.name, (input, pipeline, transform) => {
    const output = expand(input, pipeline, transform);
    const spec = expectInternal(transform.spec, "the spec of a ParDo");
    const payload = runnerApi.ParDoPayload.fromBinary(spec.payload);
    expectInternal(payload.doFn, "the DoFn of a ParDo").urn = ASYNC_DO_FN_URN;
    spec.payload = runnerApi.ParDoPayload.toBinary(payload);
    return output;
  }) satisfies Expansion<I, O>;
}

registerDoFnOperator(ASYNC_DO_FN_URN, (transformId, transform, spec, operatorContext) => {
  const { doFn, context } = deserializeFn(expectInternal(spec.doFn, "the DoFn of a ParDo").payload) as {
    readonly doFn: AsyncDoFn<unknown, unknown, unknown>;
    readonly context: unknown;
  };
  return new ParDoOperator(transformId, transform, spec, operatorContext, doFn, context);
});

registerForWorkers("beam/async-par-do", {});
