import "apache-beam";
import * as runnerApi from "apache-beam/proto/beam_runner_api";
import { parDo } from "apache-beam/transforms/pardo";
import * as operators from "apache-beam/worker/operators";
import { assertSupportedBeamVersion, expectInternal } from "./beam-version";

type OperatorConstructor = Parameters<typeof operators.registerOperatorConstructor>[1];

/** Builds the operator of a ParDo from its parsed payload. */
export type ParDoOperatorConstructor = (
  transformId: string,
  transform: runnerApi.PTransform,
  spec: runnerApi.ParDoPayload,
  context: operators.OperatorContext,
) => operators.IOperator;

const constructors = new Map<string, ParDoOperatorConstructor>();

/**
 * Makes the worker and the direct runner use `construct` for ParDos whose DoFn has the URN `doFnUrn`.
 *
 * The SDK keeps one constructor for all ParDos, with a fixed list of DoFn URNs (worker/operators.js:716). Ours looks in
 * our list first and leaves the rest to the SDK's.
 */
export function registerDoFnOperator(doFnUrn: string, construct: ParDoOperatorConstructor): void {
  constructors.set(doFnUrn, construct);
}

/** The SDK's own constructors, by URN: private, but its closure transformer hangs them on the function that uses them. */
function registeredOperators(): Map<string, OperatorConstructor> {
  const closure = (
    operators.registerOperatorConstructor as unknown as {
      __closure?: () => { operatorsByUrn?: Map<string, OperatorConstructor> };
    }
  ).__closure;
  return expectInternal(closure?.().operatorsByUrn, "operatorsByUrn in worker/operators.js");
}

function installRegistry(): void {
  assertSupportedBeamVersion();
  const original = expectInternal(registeredOperators().get(parDo.urn), "a ParDo operator in worker/operators.js");
  operators.registerOperatorConstructor(parDo.urn, (transformId, transform, context) => {
    const spec = runnerApi.ParDoPayload.fromBinary(expectInternal(transform.spec, "the spec of a ParDo").payload);
    const construct = constructors.get(spec.doFn?.urn ?? "");
    return construct === undefined
      ? original(transformId, transform, context)
      : construct(transformId, transform, spec, context);
  });
}

installRegistry();
