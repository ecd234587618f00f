#!/usr/bin/env node
import { OLDEST_NODE, WORKER_EXIT, WorkerExit } from "./worker-start";

/*
 * The program that runners start as a worker (worker-run.ts). This file needs nothing but Node, so that it can say what is
 * wrong where nothing else can be loaded.
 */
async function main(): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE.major || (major === OLDEST_NODE.major && minor < OLDEST_NODE.minor)) {
    throw new WorkerExit(WORKER_EXIT.oldNode, `Node.js ${process.versions.node} is too old`);
  }
  const { runWorker } = await import("./worker-run.js").catch((error: unknown) => {
    throw new WorkerExit(WORKER_EXIT.brokenPackage, String(error));
  });
  await runWorker();
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof WorkerExit ? error.message : error);
    process.exit(error instanceof WorkerExit ? error.exitCode : 1);
  },
);
