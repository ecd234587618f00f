import { join } from "node:path";
import { startServerProcess } from "../scripts/emulators/server-process";
import { emulatorClientEnvironment } from "../scripts/emulators/spanner-database";
import { type DataSet, openDataSet } from "./data-sets";
import { runMeasured } from "./measured-process";
import { type SubjectResult, subjectResult } from "./results";
import { mappingOf, type Subject, type SubjectName, wordsOf } from "./subjects";
import type { ProcessUsage } from "./usage-hook";

export interface RoundOptions {
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  /** For data sets, which are kept. */
  readonly dataFolder: string;
  /** For what the runs leave behind. */
  readonly workFolder: string;
  readonly say: (text: string) => void;
  /** Told all results so far after each round. */
  readonly onRound?: (results: readonly SubjectResult[]) => Promise<void>;
}

/** Runs all subjects one after the other, and that several times: what disturbs the machine disturbs all alike. */
export async function runRounds(options: RoundOptions): Promise<readonly SubjectResult[]> {
  const { subjects, rounds, dataFolder, workFolder, say, onRound } = options;
  const inputs = new Map<Subject, string>();
  for (const subject of subjects) inputs.set(subject, await openDataSet(dataFolder, subject.data));
  const servers = await startServers(new Set(subjects.map(({ data }) => data.set)));
  const runs = new Map<SubjectName, ProcessUsage[]>(subjects.map(({ name }) => [name, []]));
  const results = () => subjects.map((subject) => subjectResult(subject, runs.get(subject.name) ?? []));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const subject of subjects) {
        if (subject.rounds === "first" && round > 0) continue;
        const usage = await runMeasured({
          words: wordsOf(subject, inputs.get(subject) ?? "", workFolder),
          environment: { ...emulatorClientEnvironment, SPANNER_EMULATOR_HOST: servers.addressOf(subject.data.set) },
          usageFile: join(workFolder, "usage.json"),
        });
        runs.get(subject.name)?.push(usage);
        const rate = Math.round(subject.data.items / usage.cpuSeconds);
        say(`round ${round + 1}: ${subject.title}: ${rate} rows per CPU-second, ${Math.round(usage.peakRssMb)} MB`);
      }
      await onRound?.(results());
    }
  } finally {
    await servers.stop();
  }
  return results();
}

interface Servers {
  addressOf(set: DataSet["set"]): string;
  stop(): Promise<void>;
}

/** A null server for each set of items, whose table it shows. */
async function startServers(sets: ReadonlySet<DataSet["set"]>): Promise<Servers> {
  const servers = new Map(
    await Promise.all(
      [...sets].map(async (set) => {
        const server = await startServerProcess({
          name: "null Spanner server",
          command: process.execPath,
          arguments: [join(__dirname, "null-spanner/main.js"), mappingOf(set)],
          readiness: { kind: "line", pattern: /Server address: (\S+)/ },
          startSeconds: 30,
        });
        return [set, server] as const;
      }),
    ),
  );
  return {
    addressOf: (set) => servers.get(set)?.announced ?? "",
    async stop() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}
