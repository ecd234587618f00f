import { MigrationError } from "../errors/migration-error";
import type { WriteOutcome } from "../spanner/row-writer";

/** So many blocks in a row, some thousands of rows. */
const REFUSED_BLOCKS = 3;

/** Notices a database that refuses everything, so that it does not become dead letters row by row. */
export interface RefusedBlocks {
  /**
   * Looks at what became of a block.
   * @throws MigrationError E_SPANNER_ALL_ROWS_REFUSED when several blocks in a row were refused whole, each row of them with
   *   the same words. Words that concern a row name its key, so they differ.
   */
  see(outcome: WriteOutcome): void;
}

export function createRefusedBlocks(): RefusedBlocks {
  let blocks = 0;
  let rows = 0;
  let words: string | undefined;
  return {
    see({ written, stale, failures }) {
      const [first] = failures;
      const whole = written === 0 && stale === 0 && failures.length > 1;
      if (first === undefined || !whole || failures.some(({ message }) => message !== first.message)) {
        blocks = 0;
        rows = 0;
        return;
      }
      if (first.message !== words) {
        blocks = 0;
        rows = 0;
        words = first.message;
      }
      blocks++;
      rows += failures.length;
      if (blocks < REFUSED_BLOCKS) return;
      throw new MigrationError(
        "E_SPANNER_ALL_ROWS_REFUSED",
        `the last ${rows} rows were all refused with: ${first.message}`,
      );
    },
  };
}
