import type { AsyncDoFn } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { Block } from "../export/block";
import type { Item } from "../schema/attribute-value";
import type { Dialect } from "../schema/column-type";
import { ConversionError } from "../schema/conversion-error";
import { compileItemConverter, type ItemOutcome } from "../schema/item-converter";
import type { MigrationPlan } from "../schema/migration-plan";
import { forEachItem } from "./block-items";
import { openProfileRun } from "./profile-run";

/** More reasons than these are not told apart: a mapping that fails in so many ways is wrong as a whole. */
const MAX_REASONS = 100;

/**
 * Converts every item of blocks with a mapping, as a load would, and writes nothing: counts the rows of each table and
 * the items that would be dead letters in the profile's run.
 */
export class ProveItems implements AsyncDoFn<Block, never> {
  readonly beamName = "ProveItems";
  private convertItem: ((item: Item) => ItemOutcome) | undefined;

  constructor(
    readonly runId: string,
    /** A `MigrationPlan` as JSON: the names in it are the user's. */
    readonly planJson: string,
    readonly dialect: Dialect,
  ) {}

  startBundle(): void {
    this.convertItem = compileItemConverter(JSON.parse(this.planJson) as MigrationPlan, { dialect: this.dialect });
  }

  process(block: Block): void {
    const { convertItem } = this;
    if (convertItem === undefined) throw new TypeError("ProveItems was not started");
    const { rows, failures } = openProfileRun(this.runId);
    const fail = (code: string, message: string, line: number): void => {
      const id = failures.size < MAX_REASONS ? `${code} ${message}` : code;
      const known = failures.get(id);
      if (known === undefined) failures.set(id, { code, message, count: 1, file: block.file, line });
      else known.count += 1;
    };
    forEachItem(block, {
      item(item, line) {
        try {
          const outcome = convertItem(item);
          if (outcome.kind === "row") rows.set(outcome.table, (rows.get(outcome.table) ?? 0) + 1);
        } catch (error) {
          if (!(error instanceof ConversionError)) throw error;
          fail(error.code, error.message, line);
        }
      },
      unreadable: fail,
    });
  }
}

registerForWorkers("transforms/prove-items", { ProveItems });
