import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { SideInputParam } from "apache-beam/transforms/pardo";
import { registerForWorkers } from "./worker-module";

/**
 * A side input whose `lookup()` gives all of `collection` as a list, for every element of the main input.
 *
 * In place of the SDK's `iterableSideInput`, whose value is one generator for the whole bundle (transforms/pardo.js:223,
 * worker/pardo_context.js:169): the first element to read it uses it up, all others see an empty side input.
 */
export function listSideInput<T>(collection: PCollection<T>): SideInputParam<T, Iterable<T>, readonly T[]> {
  return new SideInputParam<T, Iterable<T>, readonly T[]>(collection, {
    accessPattern: "beam:side_input:iterable:v1",
    toValue: toList,
  });
}

function toList<T>(values: Iterable<T>): readonly T[] {
  return Array.from(values);
}

registerForWorkers("beam/list-side-input", { toList });
