import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { type Counter, counter } from "apache-beam/transforms/pardo";
import { expect } from "chai";
import type { AsyncDoFn, Emit, FinishEmit } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { registerForWorkers } from "../../beam/worker-module";
import { MigrationError } from "../../errors/migration-error";
import { Fail, Note } from "./fixtures/steps";
import { eventually, journalOf, nextTurn } from "./journal";

/** Emits 0, 1, ... count-1 for each element, waiting for each to be taken. */
class Numbers implements AsyncDoFn<unknown, number> {
  constructor(
    private readonly journal: string,
    private readonly count: number,
  ) {}

  async process(_element: unknown, _context: undefined, emit: Emit<number>): Promise<void> {
    for (let number = 0; number < this.count; number++) {
      journalOf(this.journal).push(`emit ${number}`);
      await emit(number);
    }
  }

  finishBundle(): void {
    journalOf(this.journal).push("numbers finished");
  }

  abandonBundle(error: unknown): void {
    journalOf(this.journal).push(`numbers abandoned: ${error}`);
  }
}

interface SinkContext {
  readonly taken: Counter;
}

/** Takes one turn of the event loop for each element and fails at one of them. */
class SlowSink implements AsyncDoFn<number, number, SinkContext> {
  constructor(
    private readonly journal: string,
    private readonly failAt = -1,
  ) {}

  startBundle(): void {
    journalOf(this.journal).push("sink started");
  }

  async process(element: number, context: SinkContext, emit: Emit<number>): Promise<void> {
    journalOf(this.journal).push(`take ${element}`);
    await nextTurn();
    if (element === this.failAt) {
      throw new MigrationError("E_INTERNAL", `refused ${element}`);
    }
    context.taken.increment();
    journalOf(this.journal).push(`took ${element}`);
    await emit(element);
  }

  finishBundle(): void {
    journalOf(this.journal).push("sink finished");
  }

  async abandonBundle(error: unknown): Promise<void> {
    await nextTurn();
    journalOf(this.journal).push(`sink abandoned: ${error}`);
  }
}

/** Hands every element on at once, without waiting. */
class Impatient implements AsyncDoFn<number, number> {
  process(element: number, _context: undefined, emit: Emit<number>): void {
    emit(element);
    emit(element + 100);
  }
}

class Totals implements AsyncDoFn<number, number> {
  private total = 0;

  startBundle(): void {
    this.total = 0;
  }

  process(element: number): void {
    this.total += element;
  }

  async finishBundle(_context: undefined, emit: FinishEmit<number>): Promise<void> {
    await nextTurn();
    await emit(this.total);
  }
}

class Collector implements AsyncDoFn<unknown, never> {
  constructor(private readonly journal: string) {}

  process(element: unknown): void {
    journalOf(this.journal).push(JSON.stringify(element));
  }
}

class FailingStart implements AsyncDoFn<unknown, never> {
  async startBundle(): Promise<void> {
    await nextTurn();
    throw new MigrationError("E_INTERNAL", "no start");
  }

  process(): void {}
}

class FailingFinish implements AsyncDoFn<unknown, never> {
  constructor(private readonly journal: string) {}

  process(): void {}

  async finishBundle(): Promise<void> {
    await nextTurn();
    throw new MigrationError("E_INTERNAL", "no end");
  }

  abandonBundle(error: unknown): void {
    journalOf(this.journal).push(`own finish failed: ${error}`);
  }
}

class LateEmitter implements AsyncDoFn<unknown, number> {
  constructor(private readonly journal: string) {}

  process(_element: unknown, _context: undefined, emit: Emit<number>): void {
    void eventually(() => journalOf(this.journal).includes("bundle over")).then(() => {
      try {
        emit(1);
      } catch (error) {
        journalOf(this.journal).push(String(error));
      }
    });
  }
}

registerForWorkers("test/beam/async-par-do.test", {
  Numbers,
  SlowSink,
  Impatient,
  Totals,
  Collector,
  FailingStart,
  FailingFinish,
  LateEmitter,
});

const sinkContext = () => ({ taken: counter("taken") });

async function failureOf(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
}

describe("asyncParDo", () => {
  it("makes the steps before it wait until an element is done", async () => {
    const journal = journalOf("back-pressure");
    const { counters } = await runDirect((root) => {
      root
        .apply(createElements("Start", [0]))
        .apply(asyncParDo(new Numbers("back-pressure", 3)))
        .apply(asyncParDo(new SlowSink("back-pressure"), sinkContext()));
    });
    expect(journal).to.deep.equal([
      "sink started",
      ...["emit 0", "take 0", "took 0", "emit 1", "take 1", "took 1", "emit 2", "take 2", "took 2"],
      ...["numbers finished", "sink finished"],
    ]);
    expect(counters).to.deep.equal({ taken: 3 });
  });

  it("never overlaps the elements of a step that does not wait for the next", async () => {
    await runDirect((root) => {
      root
        .apply(createElements("Start", [1, 2]))
        .apply(asyncParDo(new Impatient()))
        .apply(asyncParDo(new SlowSink("overlap"), sinkContext()));
    });
    expect(journalOf("overlap").filter((line) => line.startsWith("t"))).to.deep.equal(
      [1, 101, 2, 102].flatMap((number) => [`take ${number}`, `took ${number}`]),
    );
  });

  it("emits from finishBundle without being told a window", async () => {
    await runDirect((root) => {
      root
        .apply(createElements("Start", [1, 2, 3]))
        .apply(asyncParDo(new Totals()))
        .apply(asyncParDo(new Collector("totals")));
    });
    expect(journalOf("totals")).to.deep.equal(["6"]);
  });

  it("emits from finishBundle of a bundle without elements", async () => {
    await runDirect((root) => {
      root
        .apply(createElements("Start", []))
        .apply(asyncParDo(new Totals()))
        .apply(asyncParDo(new Collector("empty totals")));
    });
    expect(journalOf("empty totals")).to.deep.equal(["0"]);
  });

  it("ends the run with the very error that a step threw, and closes every step before", async () => {
    const error = await failureOf(
      runDirect((root) => {
        root
          .apply(createElements("Start", [0]))
          .apply(asyncParDo(new Numbers("failure", 1000)))
          .apply(asyncParDo(new SlowSink("failure", 2), sinkContext()));
      }),
    );
    expect(error).to.be.instanceOf(MigrationError).with.property("code", "E_INTERNAL");
    const journal = journalOf("failure");
    expect(journal.slice(-4)).to.deep.equal([
      "take 2",
      "emit 3",
      "numbers abandoned: MigrationError: refused 2",
      "sink abandoned: MigrationError: refused 2",
    ]);
    expect(journal).to.not.include("sink finished");
  });

  it("lets what is in flight come to its end before it gives a bundle up", async () => {
    await failureOf(
      runDirect((root) => {
        const numbers = root.apply(createElements("Start", [1]));
        numbers.apply(asyncParDo(new Note("in flight", "Slow")));
        numbers.apply(asyncParDo(new Fail()));
      }),
    );
    expect(journalOf("in flight")).to.deep.equal(["Slow started", "Slow takes 1", "Slow took 1", "Slow abandoned"]);
  });

  it("skips what is queued behind a failed element", async () => {
    await failureOf(
      runDirect((root) => {
        root
          .apply(createElements("Start", [1, 2, 3]))
          .apply(asyncParDo(new Impatient()))
          .apply(asyncParDo(new SlowSink("skip", 101), sinkContext()));
      }),
    );
    expect(journalOf("skip").filter((line) => line.startsWith("take"))).to.deep.equal(["take 1", "take 101"]);
  });

  it("reports an error of the last element, which nothing follows", async () => {
    const error = await failureOf(
      runDirect((root) => {
        root.apply(createElements("Start", [7])).apply(asyncParDo(new SlowSink("last", 7), sinkContext()));
      }),
    );
    expect(error).to.be.instanceOf(MigrationError).with.property("message", "refused 7");
  });

  it("reports an error of startBundle", async () => {
    const error = await failureOf(
      runDirect((root) => {
        root.apply(createElements("Start", [7])).apply(asyncParDo(new FailingStart()));
      }),
    );
    expect(error).to.be.instanceOf(MigrationError).with.property("message", "no start");
  });

  it("reports an error of finishBundle, and lets that step clean up", async () => {
    const error = await failureOf(
      runDirect((root) => {
        root.apply(createElements("Start", [7])).apply(asyncParDo(new FailingFinish("finish")));
      }),
    );
    expect(error).to.be.instanceOf(MigrationError).with.property("message", "no end");
    expect(journalOf("finish")).to.deep.equal(["own finish failed: MigrationError: no end"]);
  });

  it("refuses a value that is emitted after the bundle has ended", async () => {
    const journal = journalOf("late");
    await runDirect((root) => {
      root.apply(createElements("Start", [7])).apply(asyncParDo(new LateEmitter("late")));
    });
    journal.push("bundle over");
    await eventually(() => journal.length === 2);
    expect(journal[1]).to.match(/emitted a value after its bundle had ended/);
  });

  it("feeds two steps, and merges them again in the SDK's flatten", async () => {
    await runDirect((root) => {
      const numbers: PCollection<number> = root.apply(createElements("Start", [1, 2]));
      numbers.apply(asyncParDo(new Collector("branch one")));
      numbers.map((number: number) => number).apply(asyncParDo(new SlowSink("branch two"), sinkContext()));
    });
    expect(journalOf("branch one")).to.deep.equal(["1", "2"]);
    expect(journalOf("branch two")).to.include.members(["took 1", "took 2"]);
  });
});
