import { type Message, PubSub } from "@google-cloud/pubsub";
import { Spanner } from "@google-cloud/spanner";

/**
 * What one would write by hand with the same guarantees as `stream`: changes are collected for a second; of each item the
 * newest is applied, if its sequence number is above that of the version row, in one transaction with the version row;
 * messages are acknowledged after the commit. It ends when nothing has arrived for `IDLE` seconds.
 *
 *     node plain-stream.js PROJECT INSTANCE DATABASE SUBSCRIPTION IDLE
 */
const WINDOW_MILLISECONDS = 1000;
/** Version and data rows, three and six columns: far from the limit of a commit. */
const CHANGES_PER_COMMIT = 1000;
const MESSAGES_HELD = 10_000;

interface Change {
  readonly message: Message;
  readonly id: string;
  readonly sequenceNumber: string;
  readonly image: Readonly<Record<string, { readonly S?: string; readonly N?: string }>> | undefined;
}

async function main([project = "", instance = "", databaseId = "", subscriptionName = "", idle = "5"]: string[]) {
  const spanner = new Spanner({ projectId: project });
  const database = spanner.instance(instance).database(databaseId, { min: 1 });
  const pubsub = new PubSub({ projectId: project });
  const subscription = pubsub.subscription(subscriptionName, { flowControl: { maxMessages: MESSAGES_HELD } });
  let waiting: Change[] = [];
  let applied = 0;
  let lastArrival = performance.now();

  const apply = async (changes: readonly Change[]): Promise<void> => {
    const newest = new Map<string, Change>();
    for (const change of changes) {
      const other = newest.get(change.id);
      if (other === undefined || change.sequenceNumber > other.sequenceNumber) newest.set(change.id, change);
    }
    await database.runTransactionAsync(async (transaction) => {
      const keys = [...newest.keys()];
      const [versions] = await transaction.read("Changes_Versions", { keys, columns: ["Id", "SequenceNumber"] });
      const known = new Map(
        versions.map((row) => row.toJSON()).map(({ Id, SequenceNumber }) => [Id as string, SequenceNumber as string]),
      );
      for (const { id, sequenceNumber, image } of newest.values()) {
        if (sequenceNumber <= (known.get(id) ?? "")) continue;
        if (image === undefined) transaction.deleteRows("Changes", [id]);
        else {
          const { PublishedAt, Note } = image;
          transaction.upsert("Changes", { Id: id, PublishedAt: PublishedAt?.N ?? null, Note: Note?.S ?? null });
        }
        transaction.upsert("Changes_Versions", {
          Id: id,
          SequenceNumber: sequenceNumber,
          ChangedAt: null,
          Deleted: image === undefined,
          AppliedAt: Spanner.COMMIT_TIMESTAMP,
          TombstoneAt: null,
        });
      }
      await transaction.commit();
    });
    for (const { message } of changes) message.ack();
    applied += changes.length;
  };

  subscription.on("message", (message: Message) => {
    lastArrival = performance.now();
    waiting.push(changeOf(message));
  });
  subscription.on("error", (error) => {
    console.error(error);
    process.exit(1);
  });
  while (waiting.length > 0 || performance.now() - lastArrival < Number(idle) * 1000) {
    const changes = waiting;
    waiting = [];
    for (let start = 0; start < changes.length; start += CHANGES_PER_COMMIT) {
      await apply(changes.slice(start, start + CHANGES_PER_COMMIT));
    }
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MILLISECONDS));
  }
  await subscription.close();
  console.log(`${applied} changes applied`);
  process.exit(0);
}

function changeOf(message: Message): Change {
  const { dynamodb } = JSON.parse(message.data.toString()) as {
    dynamodb: { Keys: { Id: { S: string } }; SequenceNumber: string; NewImage?: NonNullable<Change["image"]> };
  };
  const sequenceNumber = dynamodb.SequenceNumber.padStart(40, "0");
  return { message, id: dynamodb.Keys.Id.S, sequenceNumber, image: dynamodb.NewImage };
}

void main(process.argv.slice(2));
