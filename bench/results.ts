import type { Subject, SubjectName } from "./subjects";
import type { ProcessUsage } from "./usage-hook";

/** What a run of the benchmarks has found; `bench/results/latest.json`. */
export interface BenchResults {
  /** ISO 8601, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly subjects: readonly SubjectResult[];
  readonly ratios: Ratios;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

export interface SubjectResult {
  readonly name: SubjectName;
  readonly title: string;
  readonly rows: number;
  /** One for each round, in order. */
  readonly runs: readonly ProcessUsage[];
  readonly median: ProcessUsage & { readonly rowsPerCpuSecond: number };
}

/** What is compared from run to run and from machine to machine; seconds are not. */
export interface Ratios {
  /** Rows per CPU-second of the pipeline over those of the plain script; each round by itself, then the median. */
  readonly tutorialVsPlain: number;
  readonly wideVsPlain: number;
  /** The largest that the pipeline needed, in MB. */
  readonly peakRssMb: number;
  /** Peak memory with the largest data set over that with the smallest. */
  readonly rssGrowth: number;
  /** CPU time with the version check over that without. */
  readonly defaultModeCpu: number;
}

export function subjectResult({ name, title, data }: Subject, runs: readonly ProcessUsage[]): SubjectResult {
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  return {
    name,
    title,
    rows: data.items,
    runs,
    median: {
      cpuSeconds,
      wallSeconds: median(runs.map((run) => run.wallSeconds)),
      peakRssMb: median(runs.map((run) => run.peakRssMb)),
      rowsPerCpuSecond: data.items / cpuSeconds,
    },
  };
}

export function ratiosOf(results: readonly SubjectResult[]): Ratios {
  const find = (name: SubjectName): SubjectResult => {
    const result = results.find((each) => each.name === name);
    if (result === undefined) throw new TypeError(`${name} was not measured`);
    return result;
  };
  /** The two ran one after the other in each round, so that both met the same load. */
  const cpuRatio = (above: SubjectName, below: SubjectName): number => {
    const { runs } = find(below);
    return median(find(above).runs.map((run, round) => run.cpuSeconds / (runs[round]?.cpuSeconds ?? Number.NaN)));
  };
  const pipelines = results.filter(({ name }) => !name.endsWith("Plain"));
  return {
    tutorialVsPlain: cpuRatio("tutorialPlain", "tutorialExclusive"),
    wideVsPlain: cpuRatio("widePlain", "wideExclusive"),
    peakRssMb: Math.max(...pipelines.map(({ median: { peakRssMb } }) => peakRssMb)),
    rssGrowth: find("largest").median.peakRssMb / find("smallest").median.peakRssMb,
    defaultModeCpu: cpuRatio("tutorialDefault", "tutorialExclusive"),
  };
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
