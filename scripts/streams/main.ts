import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { MigrationError } from "../../errors/migration-error";
import { parseTopic } from "../../lambda/src/configuration";
import { createHandler } from "../../lambda/src/handler";
import { openPubSubTopic } from "../../lambda/src/pubsub-topic";
import { reportFailure } from "../../pipelines/failure";
import { log } from "../../pipelines/log";
import { dynamoDbStream, findStream, requestLimits } from "./dynamodb-stream";
import { replicateStream } from "./replicate-stream";
import type { StreamProgress } from "./stream-progress";

const progressMilliseconds = 10_000;

/** Publishes a table's changes to Pub/Sub, with the code of the Lambda function but without Lambda. */
async function main(words: readonly string[]): Promise<number> {
  try {
    const options = await parseOptions(words);
    const topic = parseTopic(options.topic, process.env, "--topic");
    if (process.env["PUBSUB_EMULATOR_HOST"]) process.env["METADATA_SERVER_DETECTION"] ??= "none";
    const arn = await findStream(options.table);
    const client = new DynamoDBStreamsClient({ requestHandler: requestLimits });
    let progressLine: NodeJS.Timeout | undefined;
    const published = await replicateStream({
      source: dynamoDbStream(client, arn),
      handler: createHandler({
        openTopic: () => openPubSubTopic(topic),
        log: ({ message, unpublished, records, errors }) =>
          log.warn(`${message} ${unpublished} of ${records} records are sent again. ${errors.join("; ")}`),
      }),
      checkpointFile: options.checkpoint,
      from: options.from === "latest" ? "latest" : "oldest",
      stopWhenIdleSeconds: options.stopWhenIdle,
      signal: stopSignal(),
      onReady: (progress) => {
        log.info(`Publishing the changes of ${options.table} to ${topic.topic}`);
        progressLine = setInterval(() => log.info(describe(progress)), progressMilliseconds);
      },
      warn: (message) => log.warn(message),
    });
    clearInterval(progressLine);
    log.info(`${published} changes published; the checkpoint is in ${options.checkpoint}`);
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

async function parseOptions(words: readonly string[]) {
  return yargs([...words])
    .scriptName("streams")
    .usage(
      "$0 --table TABLE --topic TOPIC --checkpoint FILE\n\n" +
        "Reads the table's DynamoDB stream and publishes each change to the Pub/Sub topic, in place of AWS Lambda.\n" +
        "Run it again after any end: it goes on from the checkpoint.",
    )
    .options({
      table: { type: "string", demandOption: true, describe: "The DynamoDB table" },
      topic: {
        type: "string",
        demandOption: true,
        describe: "projects/PROJECT/topics/TOPIC, or TOPIC in the project GOOGLE_CLOUD_PROJECT",
      },
      checkpoint: { type: "string", demandOption: true, describe: "File that keeps how far the stream is published" },
      from: {
        choices: ["trim-horizon", "latest"] as const,
        default: "trim-horizon" as const,
        describe:
          "Without a checkpoint file: begin with all that the stream holds (24 hours), or with new changes only",
      },
      "stop-when-idle": {
        type: "number",
        describe: "End when no change has come for so many seconds (on AWS use 60 or more)",
      },
    })
    .check(({ "stop-when-idle": seconds }) => {
      if (seconds === undefined || seconds > 0) return true;
      throw new MigrationError("E_USAGE", "--stop-when-idle must be a number of seconds above zero.");
    })
    .strict()
    .parserConfiguration({ "duplicate-arguments-array": false })
    .fail((message, error) => {
      throw error ?? new MigrationError("E_USAGE", message);
    })
    .parseAsync();
}

/** The first SIGTERM or SIGINT ends the run in order; a second one ends the process at once, which loses nothing. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      log.info(`${name}: ending after the batch under way`);
      stop.abort();
    });
  }
  return stop.signal;
}

function describe({ published, reading, checkpoint }: StreamProgress): string {
  const seconds = Math.round((Date.now() - checkpoint.upToDateAt) / 1000);
  return `${published} changes published, ${reading.size} shards being read${seconds > 1 ? `, failing for ${seconds} s` : ""}`;
}

if (require.main === module) {
  void main(hideBin(process.argv)).then((code) => process.exit(code));
}
