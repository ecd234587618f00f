import { startServerProcess } from "../../scripts/emulators/server-process";

/**
 * A process of its own for the tests of `startServerProcess`: starts a server that has a child, prints the process ids
 * of both, and ends as its argument says.
 */

const server = 'sleep 600 & echo "pids $$ $!"; wait';

async function main(end: string | undefined): Promise<void> {
  const { announced } = await startServerProcess({
    name: "test server",
    command: "/bin/sh",
    arguments: ["-c", server],
    readiness: { kind: "line", pattern: /^pids (.*)$/ },
    startSeconds: 10,
  });
  process.stdout.write(`${announced}\n`);
  if (end === "exit") process.exit(3);
  if (end === "throw") setImmediate(() => undefinedFunction());
  if (end === "wait") setInterval(() => {}, 1000);
}

function undefinedFunction(): never {
  throw new Error("an exception that nobody catches");
}

void main(process.argv[2]);
