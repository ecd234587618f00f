import { join } from "node:path";
import type { DataSet } from "./data-sets";

/** What is run and measured: one program on one data set. */
export interface Subject {
  readonly name: SubjectName;
  /** For tables and plots. */
  readonly title: string;
  readonly data: DataSet;
  readonly program: "plain" | "pipeline";
  /** Of `bulk`, besides those that every run has. */
  readonly options: readonly string[];
  /** What no ratio of times is made of is measured once, everything else in every round. */
  readonly rounds: "all" | "first";
}

export const subjectNames = [
  "tutorialPlain",
  "tutorialExclusive",
  "tutorialUnsorted",
  "tutorialDefault",
  "widePlain",
  "wideExclusive",
  "smallest",
  "largest",
] as const;
export type SubjectName = (typeof subjectNames)[number];

/** How many items each subject gets. */
export interface Scale {
  readonly tutorial: number;
  readonly wide: number;
  readonly smallest: number;
  readonly largest: number;
}

/** The start of a process is measured too, but must not be what is measured: 2 s against at least 7 s. */
export const fullScale: Scale = { tutorial: 2_000_000, wide: 400_000, smallest: 25_000, largest: 5_000_000 };

/** In the order in which a round runs them: each peer beside what it is compared with. */
export function subjectsAt(scale: Scale): readonly Subject[] {
  const tutorial: DataSet = { set: "tutorial", items: scale.tutorial };
  const wide: DataSet = { set: "wide", items: scale.wide };
  const exclusive = ["--exclusive"];
  const subject = (
    name: SubjectName,
    title: string,
    data: DataSet,
    program: Subject["program"],
    options: readonly string[] = [],
    rounds: Subject["rounds"] = "all",
  ): Subject => ({ name, title, data, program, options, rounds });
  return [
    subject("tutorialPlain", "tutorial rows, plain script", tutorial, "plain"),
    subject("tutorialExclusive", "tutorial rows, bulk --exclusive", tutorial, "pipeline", exclusive),
    subject(
      "tutorialUnsorted",
      "the same with --no-sort-by-key",
      tutorial,
      "pipeline",
      [...exclusive, "--no-sort-by-key"],
      "first",
    ),
    subject("tutorialDefault", "tutorial rows, bulk", tutorial, "pipeline"),
    subject("widePlain", "wide rows, plain script", wide, "plain"),
    subject("wideExclusive", "wide rows, bulk --exclusive", wide, "pipeline", exclusive),
    subject("smallest", "smallest, bulk --exclusive", { ...tutorial, items: scale.smallest }, "pipeline", exclusive),
    subject(
      "largest",
      "largest, bulk --exclusive",
      { ...tutorial, items: scale.largest },
      "pipeline",
      exclusive,
      "first",
    ),
  ];
}

const MAPPINGS: Readonly<Record<DataSet["set"], { readonly path: string; readonly table: string }>> = {
  tutorial: { path: "sample/migration.mapping.json", table: "Migration" },
  wide: { path: "bench/wide.mapping.json", table: "Wide" },
};

/** The mapping of a set of items, below the project's root. */
export function mappingOf(set: DataSet["set"]): string {
  return MAPPINGS[set].path;
}

/** As the plain script has them; `bulk` takes the server for an emulator and would send one at a time. */
const COMMITS_IN_FLIGHT = "6";

/**
 * The program that runs a subject, compiled, and its arguments.
 *
 * @param input the export
 * @param folder for what the run leaves behind
 */
export function wordsOf(subject: Subject, input: string, folder: string): readonly string[] {
  const { path, table } = MAPPINGS[subject.data.set];
  if (subject.program === "plain") return [join(__dirname, "peers/plain-load.js"), subject.data.set, input, table];
  return [
    join(__dirname, "../pipelines/main.js"),
    ...["bulk", "--project", "bench", "--instance", "bench", "--database", "bench"],
    ...["--mapping", path, "--input", input, "--commits-in-flight", COMMITS_IN_FLIGHT],
    ...["--dead-letters", join(folder, "dead-letters"), "--quiet"],
    ...subject.options,
  ];
}
