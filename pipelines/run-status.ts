import { subscriptionName } from "../pubsub/subscription-name";
import { judge } from "./gate";
import { readMappingFile } from "./mapping-file";
import type { StatusArguments } from "./status-command";
import { gatherFacts } from "./status-facts";
import { statusReport } from "./status-report";
import { renderStatus } from "./status-table";
import { withSpanner } from "./with-spanner";

/** As for a count that does not add up or a verification that does not hold. */
const NO_GO_EXIT_CODE = 4;

/**
 * Says where a migration stands, and whether it may be cut over.
 * @returns the exit code: 0 only with GO
 */
export async function runStatus(argv: StatusArguments): Promise<number> {
  const plan = readMappingFile(argv.mapping);
  const subscription = argv.subscription === undefined ? undefined : subscriptionName(argv.project, argv.subscription);
  return withSpanner(argv, async (connection) => {
    const { facts, warnings } = await gatherFacts(connection, { ...argv, plan, subscription });
    const report = statusReport(facts, judge(facts), warnings);
    process.stdout.write(argv.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderStatus(report));
    return report.verdict === "GO" ? 0 : NO_GO_EXIT_CODE;
  });
}
