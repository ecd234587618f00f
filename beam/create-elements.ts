import "apache-beam";
import type { PCollection, Root } from "apache-beam/pvalue";
import { impulse } from "apache-beam/transforms/internal";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import { reshuffle } from "apache-beam/transforms/utils";
import type { AsyncDoFn, Emit } from "./async-do-fn";
import { asyncParDo } from "./async-par-do";
import { registerForWorkers } from "./worker-module";

/**
 * A bounded PCollection of `elements`, which must be plain JSON values, spread over all workers.
 *
 * In place of the SDK's `create`, which hands the whole list to the next step at once, whether it keeps up or not, and
 * whose serialisation takes time in the square of the list's length.
 */
export function createElements<T>(name: string, elements: readonly T[]): PTransform<Root, PCollection<T>> {
  return withName(name, (root: Root): PCollection<T> => {
    const listed: PCollection<T> = root.apply(impulse()).apply(asyncParDo<Uint8Array, T>(new ElementList(elements)));
    // Without it a runner keeps all elements on the worker that listed them.
    return elements.length > 1 ? listed.apply(reshuffle()) : listed;
  });
}

class ElementList<T> implements AsyncDoFn<Uint8Array, T> {
  /** One string, not a list: see the limit in serializable.ts. */
  private readonly json: string;

  constructor(elements: readonly T[]) {
    this.json = JSON.stringify(elements);
  }

  async process(_impulse: Uint8Array, _context: undefined, emit: Emit<T>): Promise<void> {
    for (const element of JSON.parse(this.json) as readonly T[]) {
      await emit(element);
    }
  }
}

registerForWorkers("beam/create-elements", { ElementList });
