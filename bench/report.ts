import type { BenchResults, Ratios, SubjectResult } from "./results";

/** What is promised of each ratio (docs/performance.md). */
const TARGETS: Readonly<Record<keyof Ratios, string>> = {
  tutorialVsPlain: "at least 4",
  wideVsPlain: "at least 4",
  peakRssMb: "at most 200",
  rssGrowth: "about 1",
  defaultModeCpu: "at most 1.6",
};

const MEANINGS: Readonly<Record<keyof Ratios, string>> = {
  tutorialVsPlain: "tutorial rows per CPU-second, `bulk --exclusive` over the plain script",
  wideVsPlain: "wide rows per CPU-second, `bulk --exclusive` over the plain script",
  peakRssMb: "most memory that `bulk` needed, MB",
  rssGrowth: "memory with the largest data set over that with the smallest",
  defaultModeCpu: "CPU time with the version check over that of `--exclusive`",
};

/** The results as Markdown: what `make bench` prints and docs/performance.md shows. */
export function report({ date, machine, subjects, ratios }: BenchResults): string {
  const { processor, cores, memoryGb, system, node } = machine;
  return [
    `${date.slice(0, 10)}: ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}`,
    "",
    "| what | rows | rows per CPU-second | CPU s | wall s | peak RSS MB | runs |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...subjects.map(subjectRow),
    "",
    "| ratio | value | target | of |",
    "| --- | ---: | --- | --- |",
    ...(Object.keys(MEANINGS) as (keyof Ratios)[]).map(
      (name) => `| ${name} | ${ratioText(name, ratios[name])} | ${TARGETS[name]} | ${MEANINGS[name]} |`,
    ),
    "",
  ].join("\n");
}

function subjectRow({ title, rows, runs, median }: SubjectResult): string {
  const { rowsPerCpuSecond, cpuSeconds, wallSeconds, peakRssMb } = median;
  const cells = [
    title,
    rows.toLocaleString("en-US"),
    Math.round(rowsPerCpuSecond).toLocaleString("en-US"),
    cpuSeconds.toFixed(1),
    wallSeconds.toFixed(1),
    Math.round(peakRssMb),
    runs.length,
  ];
  return `| ${cells.join(" | ")} |`;
}

function ratioText(name: keyof Ratios, value: number): string {
  return name === "peakRssMb" ? String(Math.round(value)) : value.toFixed(2);
}
