import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, platform, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { worseRatios } from "./compare-ratios";
import { DATA_FOLDER } from "./data-sets";
import { report } from "./report";
import { type BenchResults, type Machine, ratiosOf, type SubjectResult } from "./results";
import { runRounds } from "./run-rounds";
import { fullScale, subjectsAt } from "./subjects";

const RESULTS_FILE = "bench/results/latest.json";

/**
 * Runs the benchmarks from the project's root and prints their table. Writes the results, or with `--check` compares
 * their ratios with those of the last results that were kept.
 */
async function main(words: readonly string[]): Promise<number> {
  const { rounds, check } = await yargs([...words])
    .options({
      rounds: { type: "number", default: 5, describe: "How often everything is measured" },
      check: { type: "boolean", default: false, describe: `Compare with ${RESULTS_FILE} instead of replacing it` },
    })
    .strict()
    .parseAsync();
  // After each round: a run that is interrupted leaves what it has found.
  const keep = async (found: BenchResults): Promise<void> => {
    if (!check) await writeFile(RESULTS_FILE, `${JSON.stringify(found, undefined, 2)}\n`);
  };
  const results = await measure(rounds, keep);
  process.stdout.write(`\n${report(results)}`);
  if (!check) return 0;
  const before = JSON.parse(await readFile(RESULTS_FILE, "utf8")) as BenchResults;
  const worse = worseRatios(results.ratios, before.ratios);
  for (const sentence of worse) process.stderr.write(`Worse by more than a quarter: ${sentence}\n`);
  return worse.length === 0 ? 0 : 1;
}

async function measure(rounds: number, keep: (found: BenchResults) => Promise<void>): Promise<BenchResults> {
  const resultsOf = (subjects: readonly SubjectResult[]): BenchResults => ({
    date: new Date().toISOString(),
    machine: thisMachine(),
    subjects,
    ratios: ratiosOf(subjects),
  });
  const workFolder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    const subjects = await runRounds({
      subjects: subjectsAt(fullScale),
      rounds,
      dataFolder: DATA_FOLDER,
      workFolder,
      say: (text) => process.stderr.write(`${text}\n`),
      onRound: (found) => keep(resultsOf(found)),
    });
    return resultsOf(subjects);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

function thisMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
  };
}

void main(hideBin(process.argv)).then((exitCode) => {
  process.exitCode = exitCode;
});
