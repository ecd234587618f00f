import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { split } from "apache-beam/transforms/pardo";
import { type PTransform, withName } from "apache-beam/transforms/transform";

/**
 * An element of a step with several outputs: an object with one property, whose name says which output it is for.
 * For `{ rows: Rows; failures: Failure }` that is `{ rows: Rows } | { failures: Failure }`.
 */
export type Tagged<Outputs> = { readonly [Tag in keyof Outputs]: { readonly [T in Tag]: Outputs[T] } }[keyof Outputs];

/** The PCollections of a step with several outputs, by tag. */
export type OutputCollections<Outputs> = { readonly [Tag in keyof Outputs]: PCollection<Outputs[Tag]> };

/**
 * Splits the outputs of a step by their tags, without copying:
 *
 *     const { rows, failures } = splitOutputs("ConvertItem", converted, ["rows", "failures"]);
 *
 * It is the SDK's `split` with types that know a union, and with a name of its own for each step (the SDK names it after
 * its tags, and two of the same name are refused). An element with another tag fails the bundle.
 */
export function splitOutputs<Outputs extends object>(
  stepName: string,
  tagged: PCollection<Tagged<Outputs>>,
  tags: readonly (keyof Outputs & string)[],
): OutputCollections<Outputs> {
  // The SDK's types describe objects that hold all tags at once; its code takes one at a time (worker/operators.js:626).
  const transform = split<{ [tag: string]: unknown }>([...tags]) as unknown as PTransform<
    PCollection<Tagged<Outputs>>,
    { [Tag in keyof Outputs]: PCollection<Outputs[Tag]> }
  >;
  return tagged.apply(withName(`${stepName}/Outputs`, transform)) as OutputCollections<Outputs>;
}
