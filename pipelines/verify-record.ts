import { openVerifyLedger } from "../transforms/verify-ledger";
import type { RunState } from "./run-recorder";
import type { VerifyInput } from "./verify";
import type { VerifyArguments } from "./verify-command";
import type { VerifySummary } from "./verify-summary";

/** What a verification tells of itself while it goes on. */
export function verifyRunState(argv: VerifyArguments, input: VerifyInput, runId: string): () => RunState {
  return () => {
    const { read, rows } = openVerifyLedger(runId).counts;
    return {
      done: read,
      counts: { read, rows },
      runner: "direct",
      deadLetters: null,
      verification: {
        against: input.kind,
        // Of an export the folder that was found, as a load records it.
        source: input.kind === "table" ? input.table : (input.files[0]?.folder ?? argv.input ?? ""),
        sample: argv.sample,
        repair: argv.repair && !argv.dryRun,
      },
    };
  };
}

/** The counts of a verification that has ended. */
export function verifyCounts(summary: VerifySummary): Readonly<Record<string, number>> {
  const { read, filtered, notSampled, rows, equal, different, missing, extra, behind, repaired } = summary;
  return { read, filtered, notSampled, rows, equal, different, missing, extra, behind, repaired };
}
