import { expect } from "chai";
import { worseRatios } from "../../bench/compare-ratios";
import { plot } from "../../bench/plot";
import { report } from "../../bench/report";
import { median, type Ratios, ratiosOf, type SubjectResult, subjectResult } from "../../bench/results";
import { fullScale, subjectsAt } from "../../bench/subjects";

/** CPU-seconds of each subject in each of three rounds; the second round met a load that doubled everything. */
const CPU_SECONDS = {
  tutorialPlain: [20, 40, 22],
  tutorialExclusive: [5, 10, 5],
  tutorialUnsorted: [4, 8, 4],
  tutorialDefault: [6, 14, 7],
  widePlain: [30, 60, 30],
  wideExclusive: [6, 12, 5],
  smallest: [1, 2, 1],
  largest: [12],
} as const;

const PEAK_MB = { smallest: 150, largest: 165 } as Readonly<Record<string, number>>;

function results(): readonly SubjectResult[] {
  return subjectsAt(fullScale).map((subject) =>
    subjectResult(
      subject,
      CPU_SECONDS[subject.name].map((cpuSeconds) => ({
        cpuSeconds,
        wallSeconds: cpuSeconds * 2,
        peakRssMb: PEAK_MB[subject.name] ?? (subject.program === "plain" ? 400 : 160),
      })),
    ),
  );
}

const ratios: Ratios = { tutorialVsPlain: 4, wideVsPlain: 5, peakRssMb: 165, rssGrowth: 1.1, defaultModeCpu: 1.4 };

describe("results of benchmarks", () => {
  it("are medians", () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    const plain = results()[0];
    expect(plain?.median.cpuSeconds).to.equal(22);
    expect(plain?.median.rowsPerCpuSecond).to.equal(fullScale.tutorial / 22);
  });

  it("compare what ran in the same round, and leave the plain script's memory out", () => {
    expect(ratiosOf(results())).to.deep.equal(ratios);
  });

  it("are worse where a ratio has lost more than a quarter, in its own direction", () => {
    expect(worseRatios(ratios, ratios)).to.deep.equal([]);
    expect(worseRatios({ ...ratios, tutorialVsPlain: 3.1, peakRssMb: 210 }, ratios)).to.deep.equal([]);
    expect(worseRatios({ ...ratios, tutorialVsPlain: 2.9 }, ratios)).to.deep.equal([
      "tutorialVsPlain is 2.90; it was 4.00",
    ]);
    expect(worseRatios({ ...ratios, peakRssMb: 230 }, ratios)).to.have.length(1);
    expect(worseRatios({ ...ratios, tutorialVsPlain: 400, peakRssMb: 1 }, ratios)).to.deep.equal([]);
    expect(worseRatios({ ...ratios, rssGrowth: Number.NaN }, ratios)).to.have.length(1);
  });

  it("are shown with machine, date, runs and every ratio", () => {
    const machine = { processor: "A processor", cores: 2, memoryGb: 8, system: "linux 6", node: "20.0.0" };
    const text = report({ date: "2026-01-02T03:04:05Z", machine, subjects: results(), ratios });
    expect(text).to.include("2026-01-02: A processor, 2 cores, 8 GB");
    expect(text).to.include("| tutorial rows, plain script | 2,000,000 | 90,909 | 22.0 | 44.0 | 400 | 3 |");
    expect(text).to.include("| tutorialVsPlain | 4.00 | at least 4 |");
    expect(plot(results()))
      .to.match(/^<svg .*<\/svg>\n$/s)
      .and.to.include(">90,909<");
  });
});
