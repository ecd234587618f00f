import { subscriptionName } from "../pubsub/subscription-name";
import { readRunFiles } from "../spanner/run-store";
import { judge } from "./gate";
import { newestOf } from "./gate-facts";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { checkPlace, writeOutput } from "./output-file";
import type { ReportArguments } from "./report-command";
import { reportPage } from "./report-page";
import { gatherFacts } from "./status-facts";
import { statusReport } from "./status-report";
import { withSpanner } from "./with-spanner";

const UNWRITABLE = "E_REPORT_UNWRITABLE";

/**
 * Writes the report of a migration.
 * @returns the exit code: 0 once it is written, whatever it says
 */
export async function runReport(argv: ReportArguments): Promise<number> {
  const plan = readMappingFile(argv.mapping);
  const subscription = argv.subscription === undefined ? undefined : subscriptionName(argv.project, argv.subscription);
  await checkPlace("--out", argv.out, UNWRITABLE);
  return withSpanner(argv, async (connection) => {
    const { facts, warnings } = await gatherFacts(connection, { ...argv, plan, subscription });
    const load = newestOf(facts.runs, "bulk");
    const page = reportPage({
      database: connection.databaseName,
      status: statusReport(facts, judge(facts), warnings),
      runs: facts.runs.filter(({ command }) => command !== "preflight"),
      files: load === undefined ? { files: [], leftOut: 0 } : await readRunFiles(connection, load.runId),
    });
    await writeOutput("--out", argv.out, page, UNWRITABLE);
    log.success(`The report is in ${argv.out}`);
    return 0;
  });
}
