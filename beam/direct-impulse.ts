import "apache-beam";
import "apache-beam/runners/direct_runner";
import { impulse } from "apache-beam/transforms/internal";
import type { WindowedValue } from "apache-beam/values";
import * as operators from "apache-beam/worker/operators";
import { globalWindowPosition, valueAt } from "./element-position";

/**
 * The start of a pipeline on the direct runner: one empty element.
 *
 * The SDK's own (runners/direct_runner.js:302) drops the promise of that element, all work that the element leads to: its
 * failure would be an unhandled rejection and its end is nobody's concern. It also fires while the bundle is starting,
 * before the operators of other impulses are ready.
 */
class DirectImpulseOperator implements operators.IOperator {
  private readonly receiver: operators.Receiver;

  constructor(
    readonly transformId: string,
    transform: { readonly outputs: { readonly [tag: string]: string } },
    context: operators.OperatorContext,
  ) {
    const [output] = Object.values(transform.outputs);
    this.receiver = context.getReceiver(output);
  }

  async startBundle(): Promise<void> {}

  process(_element: WindowedValue<unknown>): operators.ProcessResult {
    return operators.NonPromise;
  }

  async finishBundle(): Promise<void> {
    await this.receiver.receive(valueAt(new Uint8Array(), globalWindowPosition()));
  }
}

/** Replaces the SDK's operator, which importing its direct runner has registered. */
export function installDirectImpulse(): void {
  operators.registerOperator(impulse.urn, DirectImpulseOperator);
}
