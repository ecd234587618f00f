import "apache-beam";
import { P } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { expect } from "chai";
import type { AsyncDoFn, Emit } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { splitOutputs, type Tagged } from "../../beam/tagged-outputs";
import { registerForWorkers } from "../../beam/worker-module";
import { nextTurn } from "./journal";

interface Rows {
  readonly bytes: Uint8Array;
}

interface Failure {
  readonly line: number;
}

interface Outputs {
  readonly rows: Rows;
  readonly failures: Failure;
}

const emittedRows: Rows[] = [];
const takenRows: Rows[] = [];
const takenFailures: Failure[] = [];
const merged: (Rows | Failure)[] = [];

/** Odd lines fail, even ones become rows. */
class Convert implements AsyncDoFn<number, Tagged<Outputs>> {
  async process(line: number, _context: undefined, emit: Emit<Tagged<Outputs>>): Promise<void> {
    await nextTurn();
    if (line % 2 === 1) {
      await emit({ failures: { line } });
      return;
    }
    const rows = { bytes: Uint8Array.of(line) };
    emittedRows.push(rows);
    await emit({ rows });
  }
}

class TakeRows implements AsyncDoFn<Rows, never> {
  async process(rows: Rows): Promise<void> {
    await nextTurn();
    takenRows.push(rows);
  }
}

class TakeFailures implements AsyncDoFn<Failure, never> {
  process(failure: Failure): void {
    takenFailures.push(failure);
  }
}

class TakeAny implements AsyncDoFn<Rows | Failure, never> {
  process(value: Rows | Failure): void {
    merged.push(value);
  }
}

class UnknownTag implements AsyncDoFn<number, Tagged<Outputs>> {
  async process(_line: number, _context: undefined, emit: Emit<Tagged<Outputs>>): Promise<void> {
    await emit({ others: 1 } as unknown as Tagged<Outputs>);
  }
}

registerForWorkers("test/beam/tagged-outputs.test", { Convert, TakeRows, TakeFailures, TakeAny, UnknownTag });

describe("splitOutputs", () => {
  it("hands each output to its own steps, the same object, and the outputs may be merged again", async () => {
    await runDirect((root) => {
      const converted = root.apply(createElements("Lines", [0, 1, 2, 3])).apply(asyncParDo(new Convert()));
      const { rows, failures } = splitOutputs<Outputs>("Convert", converted, ["rows", "failures"]);
      rows.apply(asyncParDo(new TakeRows()));
      failures.apply(asyncParDo(new TakeFailures()));
      P([rows, failures]).apply(flatten()).apply(asyncParDo(new TakeAny()));
    });
    expect(takenRows).to.have.lengthOf(2);
    expect(takenRows[0]).to.equal(emittedRows[0]);
    expect(takenRows[1]).to.equal(emittedRows[1]);
    expect(takenFailures).to.deep.equal([{ line: 1 }, { line: 3 }]);
    expect(merged).to.have.lengthOf(4);
    expect(merged[0]).to.equal(emittedRows[0]);
  });

  it("lets two steps have outputs of the same names", async () => {
    await runDirect((root) => {
      const lines = root.apply(createElements("Lines", [0]));
      const first = lines.apply(asyncParDo(new Convert()));
      splitOutputs<Outputs>("First", first, ["rows", "failures"]);
      splitOutputs<Outputs>("Second", first, ["rows", "failures"]);
    });
  });

  it("fails the bundle on an output that nobody knows, instead of dropping it", async () => {
    const run = runDirect((root) => {
      const converted = root.apply(createElements("Lines", [0])).apply(asyncParDo(new UnknownTag()));
      splitOutputs<Outputs>("Convert", converted, ["rows", "failures"]);
    });
    const error: unknown = await run.catch((reason: unknown) => reason);
    expect(String(error)).to.match(/Unexpected tag 'others'/);
  });
});
