import { checkConnection, closeAllConnections, openSpanner, type SpannerTarget } from "../../spanner/connection";

/**
 * A process of its own that uses a database, for what only a whole process shows: `node signals-child.js TARGET ACTION`.
 * ACTION: "end" closes the connections and returns; "wait" keeps one open, with queries made, until a signal ends it.
 */
async function main(target: SpannerTarget, action: string | undefined): Promise<void> {
  await checkConnection(target);
  const connection = await openSpanner(target);
  await connection.database().run("SELECT 1");
  if (action === "end") {
    await closeAllConnections();
    process.stdout.write("closed\n");
    return;
  }
  process.stdout.write("ready\n");
  setInterval(() => {}, 1000);
}

void main(JSON.parse(process.argv[2] ?? "{}"), process.argv[3]);
