import { directLauncher } from "../beam/direct-runner";
import type { PipelineBuilder } from "../beam/launcher";
import { MigrationError } from "../errors/migration-error";
import { ddlStatements } from "../schema/ddl";
import { parseMapping } from "../schema/mapping";
import type { MigrationPlan } from "../schema/migration-plan";
import { planMigration } from "../schema/plan-migration";
import { compileCandidateCheck } from "../schema/profile/candidate-types";
import { coarserProfile, type ItemProfile, MAX_PATHS } from "../schema/profile/item-profile";
import { type Proposal, type ProposalOptions, proposeMapping } from "../schema/profile/propose-mapping";
import { openLedger } from "../transforms/ledger";
import { openProfileRun, type ProfileRun } from "../transforms/profile-run";
import { reportFailure } from "./failure";
import { log } from "./log";
import { printable } from "./printable";
import { createProfilePipeline, createProofPipeline } from "./profile";
import type { ProfileArguments } from "./profile-command";
import { openInput, type ProfileInput } from "./profile-input";
import { checkKey } from "./profile-key";
import { checkOutputs, writeProfileOutput } from "./profile-output";
import { profilePage } from "./profile-page";
import { renderProposal } from "./profile-table";
import { showLine } from "./progress-line";
import { createRunId } from "./run-id";
import { stopOnSignals } from "./stop-on-signals";

/**
 * Reads an export twice: to see what is in it, and to prove that the mapping which follows from it takes every item.
 * Then writes the mapping, and shows the evidence.
 * @returns the exit code: 0 if every item converts; 3 if some lines of the export are no items; 4 if the proof fails
 */
export async function runProfile(argv: ProfileArguments): Promise<number> {
  await checkOutputs(argv);
  const input = await openInput(argv);
  const { table, key, sampled } = input;
  const pass = createPasses(input, argv);

  const profile = await pass.profile();
  checkKey(key, profile);
  const values = { check: compileCandidateCheck(argv.dialect), examples: argv.examples };
  const { indexes = [], timeToLive } = input;
  const live = { indexes, ...(timeToLive === undefined ? {} : { timeToLive }) };
  const options: ProposalOptions = { table, key, dialect: argv.dialect, sampled, values, ...live };

  const { proposal, run } = await proveProposal(profile, options, pass);
  const evidence = {
    source: input.name,
    profile,
    proposal,
    rows: proposal.tables.map((_, at) => run.rows.get(at) ?? 0),
  };
  await writeProfileOutput("--out", argv.out, mappingText(proposal));
  if (argv.report !== undefined) await writeProfileOutput("--report", argv.report, profilePage(evidence));
  process.stdout.write(renderProposal(evidence, { examples: argv.examples }));
  for (const warning of proposal.warnings) log.warn(printable(warning));
  return reportEnd(argv, profile, run, sampled);
}

/**
 * A mapping by patterns is tried first. Should any item not go where its pattern says, one table takes them all by their
 * whole keys: a proposal that loses nothing comes before one that is pretty.
 */
async function proveProposal(
  profile: ItemProfile,
  options: ProposalOptions,
  pass: Passes,
): Promise<{ readonly proposal: Proposal; readonly run: ProfileRun }> {
  const proposal = proposeMapping(profile, options);
  const run = await pass.prove(planOf(proposal, options));
  if (proposal.tables.length === 1 || conversionFailures(run, profile) === 0) return { proposal, run };
  log.warn("Some keys do not follow the patterns that others do, so that all items are given one table.");
  const single = proposeMapping(coarserProfile(profile, "none", options.values), options);
  return { proposal: single, run: await pass.prove(planOf(single, options)) };
}

/** The plan of a proposal, read from the very text that is written: so the text is a valid mapping with valid DDL. */
function planOf(proposal: Proposal, { dialect }: ProposalOptions): MigrationPlan {
  const plan = planMigration(parseMapping(mappingText(proposal), "the proposed mapping"));
  ddlStatements(plan, dialect);
  return plan;
}

function mappingText({ mapping }: Proposal): string {
  return `${JSON.stringify(mapping, undefined, 2)}\n`;
}

interface Passes {
  profile(): Promise<ItemProfile>;
  prove(plan: MigrationPlan): Promise<ProfileRun>;
}

function createPasses({ source, key, expected }: ProfileInput, argv: ProfileArguments): Passes {
  const { dialect, examples, quiet } = argv;
  return {
    async profile() {
      const runId = createRunId();
      const config = { runId, keyJson: JSON.stringify(key), dialect, examples, maxPaths: MAX_PATHS };
      await runPass("Profiling", runId, createProfilePipeline(source, config), expected, quiet);
      const { profile } = openProfileRun(runId);
      if (profile === undefined || profile.items === 0) {
        throw new MigrationError("E_PROFILE_KEY", "there are no items to see a schema by");
      }
      return profile;
    },
    async prove(plan) {
      const runId = createRunId();
      await runPass("Proving", runId, createProofPipeline(source, { runId, plan, dialect }), expected, quiet);
      return openProfileRun(runId);
    },
  };
}

async function runPass(
  what: string,
  runId: string,
  pipeline: PipelineBuilder,
  expected: number | undefined,
  quiet: boolean,
): Promise<void> {
  const ledger = openLedger(runId);
  const number = new Intl.NumberFormat("en-US");
  const line = () => `${what}: ${number.format(ledger.total.read)} items`;
  const extent = expected === undefined ? undefined : { total: expected, done: () => ledger.total.read };
  const hide = quiet ? () => undefined : showLine(line, extent);
  const job = await directLauncher.launch(pipeline);
  const release = stopOnSignals((signal) => {
    ledger.stopRequested = true;
    void job.cancel(new MigrationError("E_INTERRUPTED", `stopped by ${signal}`));
  });
  try {
    await job.wait();
  } finally {
    release();
    hide();
  }
}

function conversionFailures({ failures }: ProfileRun, profile: ItemProfile): number {
  const failed = [...failures.values()].reduce((sum, { count }) => sum + count, 0);
  return failed - profile.unreadable.reduce((sum, [, count]) => sum + count, 0);
}

function reportEnd(argv: ProfileArguments, profile: ItemProfile, run: ProfileRun, sampled: boolean): number {
  const details = [...run.failures.values()].map(
    ({ code, message, count, file, line }) => `${count} × ${code}: ${message} (first in ${file}, line ${line})`,
  );
  if (conversionFailures(run, profile) > 0) {
    return reportFailure(
      new MigrationError("E_PROFILE_UNPROVEN", `${argv.out} does not take every item that was read`, { details }),
    );
  }
  if (details.length > 0) {
    log.warn(`Some lines of the export are no items; a load makes dead letters of them:\n  ${details.join("\n  ")}`);
    return 3;
  }
  const rows = [...run.rows.values()].reduce((sum, count) => sum + count, 0);
  const proven = `Proven: ${rows} items convert with ${argv.out}, every value exactly.`;
  if (sampled) log.warn(`${proven} That is a sample: items that were not read may hold other types.`);
  else log.success(proven);
  return 0;
}
