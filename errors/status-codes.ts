/** One entry of the catalogue: what `status` has found, and what to do. */
export interface StatusDescription {
  readonly meaning: string;
  readonly remedy: string;
}

/**
 * Every reason against a cut-over. One of them is enough for NO-GO; what is not known is a reason too. Codes are stable:
 * scripts refer to them. `docs/errors.md` is generated from this file.
 */
export const noGoReasons = {
  NO_GO_RECORDS_MISSING: {
    meaning: "The database has no table of runs, so nothing is known of what was done.",
    remedy: "Run `schema apply`; runs from then on are recorded. Then verify against the live table.",
  },
  NO_GO_LOAD_MISSING: {
    meaning: "No load of this table into this database is recorded.",
    remedy: "Run `bulk`.",
  },
  NO_GO_LOAD_UNFINISHED: {
    meaning: "The newest load, or the newest incremental export, did not come to its end, or its counts do not add up.",
    remedy: "Run `bulk` again; what is written already is written again with the same values, or skipped.",
  },
  NO_GO_LOAD_UNKNOWN: {
    meaning: "The newest load was left to its runner (`--no-wait`), and nothing is known of its end.",
    remedy: "Wait until that job has ended, then run `bulk` once more without --no-wait: it proves the load.",
  },
  NO_GO_STREAM_MISSING: {
    meaning:
      "Neither a stream nor incremental exports are recorded, and the load was not exclusive: changes made meanwhile may be missing.",
    remedy: "Run `stream` until nothing arrives any more (`--stop-when-idle`).",
  },
  NO_GO_STREAM_FAILED: {
    meaning: "The newest stream was killed, failed, or was stopped while changes waited for other rows.",
    remedy: "Mend what ended it, then run `stream` again until nothing arrives any more.",
  },
  NO_GO_STREAM_NOT_DRAINED: {
    meaning: "The newest stream was stopped while messages were held, or before none had come for long enough.",
    remedy:
      "With the writers stopped, run `stream --stop-when-idle SECONDS` with at least the seconds of --drained-for.",
  },
  NO_GO_MESSAGES_WAITING: {
    meaning: "Messages have come since the newest stream ended: something still writes to DynamoDB, or did.",
    remedy: "Stop every writer, run `stream --stop-when-idle SECONDS`, then verify again.",
  },
  NO_GO_RUN_ACTIVE: {
    meaning: "A command still runs: it could write over what the application writes after the cut-over.",
    remedy: "Wait for its end; a stream is stopped with Ctrl-C once it is drained.",
  },
  NO_GO_DEAD_LETTERS_OPEN: {
    meaning: "Items or changes are dead letters: their rows may be missing or old.",
    remedy: "Mend what their reasons name, then `replay`.",
  },
  NO_GO_DEAD_LETTERS_UNKNOWN: {
    meaning: "A folder for dead letters can't be read, or holds fewer of them than the runs have recorded.",
    remedy:
      "Run `status` on the machine where the folder lies, or with the rights to read it. If letters were removed by hand for good reason, delete the run's row from DynamoDB_Runs.",
  },
  NO_GO_SUBSCRIPTION_UNPROVEN: {
    meaning: "Nothing proves that the subscription was there before the export: changes between them would be lost.",
    remedy:
      "Before an export, `status --subscription` notes that it is there. Afterwards, a whole verification against the live table settles it.",
  },
  NO_GO_VERIFICATION_MISSING: {
    meaning: "No verification is recorded.",
    remedy: "With the writers stopped and the stream drained, run `verify --source-table`.",
  },
  NO_GO_VERIFICATION_FAILED: {
    meaning: "The newest verification did not come to its end.",
    remedy: "Run `verify` again.",
  },
  NO_GO_VERIFICATION_DIFFERENT: {
    meaning: "The newest verification found rows that differ, are missing, or that no item explains.",
    remedy: "Look at them (`verify --differences FILE`), then `verify --repair`, then `verify` once more.",
  },
  NO_GO_VERIFICATION_BEHIND: {
    meaning: "At the newest verification, changes were on their way: writers or the stream had not come to rest.",
    remedy: "Stop the writers, let the stream drain, then verify again.",
  },
  NO_GO_VERIFICATION_SAMPLE: {
    meaning: "The newest verification compared only a sample, which proves nothing of the other rows.",
    remedy: "Run `verify` without --sample.",
  },
  NO_GO_VERIFICATION_REPAIRED: {
    meaning: "The newest verification wrote rows; a whole look at what it left is missing.",
    remedy: "Run `verify` once more, without --repair.",
  },
  NO_GO_VERIFICATION_OTHER_MAPPING: {
    meaning: "The newest verification was made with another mapping.",
    remedy: "Run `verify` with the mapping that `status` was given.",
  },
  NO_GO_VERIFICATION_SOURCE: {
    meaning: "The newest verification compared with something that does not prove the live table.",
    remedy:
      "Run `verify --source-table` with the table of the mapping. An export is enough only for a load that was exclusive and proven.",
  },
  NO_GO_VERIFICATION_OUTDATED: {
    meaning: "Something was written after the newest verification began, or nothing tells when it began.",
    remedy: "Run `verify` once more, after everything else.",
  },
  NO_GO_VERIFICATION_OLD: {
    meaning: "The newest verification ended longer ago than --verified-within permits.",
    remedy: "Run `verify` once more.",
  },
  NO_GO_INDEXES_MISSING: {
    meaning: "Secondary indexes of the mapping are missing, differ, or are still being filled.",
    remedy: "Run `schema indexes`, and wait until Spanner has filled them.",
  },
} as const satisfies Record<string, StatusDescription>;

export type NoGoCode = keyof typeof noGoReasons;

/** What `status` finds worth a word, but does not decide by. */
export const statusWarnings = {
  WARN_SUBSCRIPTION_NOT_FOUND: {
    meaning: "The subscription can't be found or asked.",
    remedy: "Make it before the export: changes are kept for it only from then on.",
  },
  WARN_SUBSCRIPTION_FILTER: {
    meaning: "The subscription has a filter or transforms: messages that it does not let through are lost.",
    remedy: "Make another subscription without them, before the export: a filter can't be changed.",
  },
  WARN_SUBSCRIPTION_DEAD_LETTER_TOPIC: {
    meaning: "The subscription gives up messages to a dead-letter topic: they are lost to the stream.",
    remedy: "Remove its dead-letter policy; a change may be delivered many times before its turn comes.",
  },
  WARN_SUBSCRIPTION_EXPIRES: {
    meaning: "The subscription, with all its messages, is deleted when nobody has pulled for some time.",
    remedy: "`gcloud pubsub subscriptions update … --expiration-period never`.",
  },
  WARN_SUBSCRIPTION_RETENTION: {
    meaning: "The subscription keeps messages for less than seven days: a load that takes longer loses changes.",
    remedy: "`gcloud pubsub subscriptions update … --message-retention-duration 7d`.",
  },
  WARN_SUBSCRIPTION_PUSH: {
    meaning: "The subscription does not let messages be pulled: it pushes them elsewhere, or is detached.",
    remedy: "Make a pull subscription of the topic, before the export.",
  },
  WARN_SUBSCRIPTION_ORDER: {
    meaning:
      "The subscription does not keep the order of an item's changes; more of them are stale then, none is lost.",
    remedy: "Make it with --enable-message-ordering, which can't be changed later.",
  },
  WARN_HANDED_OVER: {
    meaning: "A job was left to its runner, or its launcher was lost, and nothing is known of the job's end.",
    remedy: "Make sure in the runner's console that the job has ended before you cut over.",
  },
  WARN_LOAD_OTHER_MAPPING: {
    meaning: "The newest load was made with another mapping than `status` was given.",
    remedy: "Nothing, if the verification was made with this one: it compares every column.",
  },
} as const satisfies Record<string, StatusDescription>;

export type StatusWarningCode = keyof typeof statusWarnings;
