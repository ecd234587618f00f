import { P, type PCollection } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { groupBy } from "apache-beam/transforms/group_and_combine";
import { withName } from "apache-beam/transforms/transform";
import type { AsyncDoFn } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { splitOutputs } from "../beam/tagged-outputs";
import {
  type BundleCounts,
  type CountCounters,
  type CountedOutputs,
  CountedStep,
  countCounters,
} from "../transforms/counted-step";
import { type CountsFile, WriteCounts } from "../transforms/write-counts";

/** How the counts of a pass come back. */
export interface BulkCounts {
  readonly runId: string;
  /** Where a remote runner's workers leave them; absent where steps share this process's ledger. */
  readonly countsFile?: CountsFile | undefined;
}

/** Applies the steps of a pipeline, and gathers what they count. */
export interface CountedSteps {
  apply<I, O>(input: PCollection<I>, step: AsyncDoFn<I, O>): PCollection<O>;
  /** To be called once, after all steps. */
  store(): void;
}

export function bulkCounts({ runId, countsFile }: BulkCounts): CountedSteps {
  if (countsFile === undefined) {
    return { apply: (input, step) => input.apply(asyncParDo(step)), store: () => undefined };
  }
  const gathered: PCollection<BundleCounts>[] = [];
  return {
    apply<I, O>(input: PCollection<I>, step: AsyncDoFn<I, O>): PCollection<O> {
      const counted = new CountedStep<I, O>(runId, step as AsyncDoFn<I, O, unknown>, countsFile);
      const applied = input.apply(asyncParDo<I, CountedOutput<O>, CountCounters>(counted, countCounters()));
      const { outputs, counts } = splitOutputs<CountedOutputs<O>>(`${counted.beamName}/Counted`, applied, [
        "outputs",
        "counts",
      ]);
      gathered.push(counts);
      return outputs;
    },
    store() {
      P(gathered)
        .apply(withName("Counts", flatten<BundleCounts>()))
        .apply(withName("CountsOfJob", groupBy<BundleCounts, string>("key")))
        .apply(asyncParDo(new WriteCounts(countsFile)));
    },
  };
}

type CountedOutput<O> = { readonly outputs: O } | { readonly counts: BundleCounts };
