import "apache-beam";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Counter, counter } from "apache-beam/transforms/pardo";
import { withName } from "apache-beam/transforms/transform";
import { expect } from "chai";
import type { AsyncDoFn, Emit } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { directLauncher, runDirect } from "../../beam/direct-runner";
import { registerForWorkers } from "../../beam/worker-module";
import { MigrationError } from "../../errors/migration-error";
import { eventually, journalOf, nextTurn } from "./journal";

interface CountContext {
  readonly rows: Counter;
}

class CountRows implements AsyncDoFn<number, never, CountContext> {
  process(rows: number, context: CountContext): void {
    context.rows.increment(rows);
  }
}

/** Emits for ever, one number a turn, until the run is cancelled. */
class Endless implements AsyncDoFn<unknown, number> {
  constructor(private readonly journal: string) {}

  async process(_element: unknown, _context: undefined, emit: Emit<number>): Promise<void> {
    for (let number = 0; ; number++) {
      await nextTurn();
      await emit(number);
    }
  }

  abandonBundle(error: unknown): void {
    journalOf(this.journal).push(`abandoned: ${error}`);
  }
}

class KeepLast implements AsyncDoFn<unknown, never> {
  private count = 0;

  constructor(private readonly journal: string) {}

  process(): void {
    this.count += 1;
  }

  finishBundle(): void {
    journalOf(this.journal).push(String(this.count));
  }
}

function throwMigrationError(): never {
  throw new MigrationError("E_INTERNAL", "from a synchronous step");
}

registerForWorkers("test/beam/direct-runner.test", { CountRows, Endless, KeepLast, throwMigrationError });

describe("the direct launcher", () => {
  it("counts beyond 32 bits, summed over steps", async () => {
    const { counters } = await runDirect((root) => {
      const numbers = root.apply(createElements("Numbers", [2 ** 31, 5]));
      numbers.apply(asyncParDo(new CountRows(), { rows: counter("rows") }));
      const more = root.apply(createElements("More", [2 ** 40]));
      more.apply(withName("CountMore", asyncParDo(new CountRows(), { rows: counter("rows") })));
    });
    expect(counters).to.deep.equal({ rows: 2 ** 31 + 5 + 2 ** 40 });
  });

  it("tells counts while the job runs, and stops it with the reason it was given", async () => {
    const job = await directLauncher.launch((root) => {
      const numbers = root.apply(createElements("Start", [0])).apply(asyncParDo(new Endless("cancel")));
      numbers.map((_number: number) => 1).apply(asyncParDo(new CountRows(), { rows: counter("rows") }));
    });
    let rows = 0;
    while (rows < 3) {
      await nextTurn();
      rows = (await job.counters())["rows"] ?? 0;
    }
    const reason = new MigrationError("E_INTERRUPTED", "Stopped.");
    await job.cancel(reason);
    const error: unknown = await job.wait().catch((thrown: unknown) => thrown);
    expect(error).to.equal(reason);
    expect(journalOf("cancel")).to.deep.equal(["abandoned: MigrationError: Stopped."]);
    const final = (await job.counters())["rows"];
    await nextTurn();
    expect((await job.counters())["rows"]).to.equal(final);
  });

  it("keeps the error of a job that nobody waits for yet", async () => {
    const job = await directLauncher.launch((root) => {
      root.apply(createElements("Start", [0])).map(throwMigrationError);
    });
    for (let turn = 0; turn < 10; turn++) {
      await nextTurn();
    }
    const error: unknown = await job.wait().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(MigrationError).with.property("code", "E_INTERNAL");
  });

  it("passes on an error of building the pipeline", async () => {
    const reason = new MigrationError("E_USAGE", "no such folder");
    const launch = directLauncher.launch(async () => {
      throw reason;
    });
    expect(await launch.catch((thrown: unknown) => thrown)).to.equal(reason);
  });

  it("runs 100,000 elements of one list", async () => {
    const elements = Array.from({ length: 100_000 }, (_, index) => ({ file: `data/${index}.json.gz` }));
    await runDirect((root) => {
      root.apply(createElements("Files", elements)).apply(asyncParDo(new KeepLast("list")));
    });
    expect(journalOf("list")).to.deep.equal(["100000"]);
  });

  it("runs several jobs at once, each with its own counters", async () => {
    const runs = [1, 2, 3].map((number) =>
      runDirect((root) => {
        root.apply(createElements("Numbers", [number])).apply(asyncParDo(new CountRows(), { rows: counter("rows") }));
      }),
    );
    expect((await Promise.all(runs)).map(({ counters }) => counters["rows"])).to.deep.equal([1, 2, 3]);
  });

  it("keeps its memory flat over a million elements from one", async () => {
    const script = join(__dirname, "fixtures", "million-elements.js");
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    const { count, heapGrowthMegabytes } = JSON.parse(stdout) as { count: number; heapGrowthMegabytes: number };
    expect(count).to.equal(1_000_000);
    expect(heapGrowthMegabytes).to.be.lessThan(64);
  });

  it("leaves nothing behind", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    await runDirect((root) => {
      root.apply(createElements("Start", [0, 1, 2])).apply(asyncParDo(new KeepLast("clean")));
    });
    await eventually(() => journalOf("clean").length === 1);
    process.off("warning", note);
    expect(warnings).to.deep.equal([]);
  });
});
