import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import type { Tagged } from "../beam/tagged-outputs";
import { registerForWorkers } from "../beam/worker-module";
import type { MigrationPlan } from "../schema/migration-plan";
import { openChangeLedger } from "./change-ledger";
import type { ChangeMessage, StreamedChange } from "./change-message";
import type { DeadLetter } from "./dead-letter";
import { compileMessageParser, type ParseChangeOptions, type ParsedMessage } from "./parse-change-message";

export interface ParseChangeOutputs {
  readonly changes: StreamedChange;
  readonly deadLetters: DeadLetter;
}

/**
 * Reads messages: a {@link ChangeMessage} in; the change of a row, a dead letter, or nothing out (for an item that the
 * mapping leaves out, or a delete by Time to Live, if told to ignore those). Counts `read`, `filtered` and `expired` in the
 * run's ledger.
 */
export class ParseChange implements AsyncDoFn<ChangeMessage, Tagged<ParseChangeOutputs>> {
  readonly beamName = "ParseChange";
  private parse: ((message: ChangeMessage) => ParsedMessage) | undefined;

  constructor(
    readonly runId: string,
    readonly plan: MigrationPlan,
    readonly options: ParseChangeOptions,
  ) {}

  process(
    message: ChangeMessage,
    _context: unknown,
    emit: Emit<Tagged<ParseChangeOutputs>>,
  ): Promise<void> | undefined {
    this.parse ??= compileMessageParser(this.plan, this.options);
    const parsed = this.parse(message);
    const ledger = openChangeLedger(this.runId);
    ledger.add({ read: 1 });
    switch (parsed.kind) {
      case "change":
        return emit({ changes: parsed.change }) ?? undefined;
      case "deadLetter":
        return emit({ deadLetters: parsed.deadLetter }) ?? undefined;
      default:
        ledger.add({ [parsed.kind]: 1 });
        return undefined;
    }
  }
}

registerForWorkers("transforms/parse-change", { ParseChange });
