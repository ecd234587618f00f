/** What a worker tells the process that has started it, once its runner hears from it. */
export const WORKER_STARTED = "started";

/**
 * Exit codes of a worker that can't start. A runner that starts workers as processes drops what they print and passes on
 * this number only. They are none of those that Node (1 to 13), shells (126, 127) and signals (128 on) use.
 */
export const WORKER_EXIT = { oldNode: 81, brokenPackage: 82, noRunner: 83 } as const;

/** Whatever needs a newer one is in `engines` of package.json. */
export const OLDEST_NODE = { major: 20, minor: 19 } as const;

const REASONS: Readonly<Record<number, string>> = {
  [WORKER_EXIT.oldNode]: `the Node.js there is older than ${OLDEST_NODE.major}.${OLDEST_NODE.minor}`,
  [WORKER_EXIT.brokenPackage]: "the package there is incomplete: install it again, with its dependencies",
  [WORKER_EXIT.noRunner]: "it could not reach the runner that had started it",
  127: "there is no Node.js on the PATH of the TaskManager",
};

/** Ends the process with a code of {@link WORKER_EXIT}. */
export class WorkerExit extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** `exit code 82 (the package there is incomplete …)` */
export function describeWorkerExit(code: number): string {
  const reason = REASONS[code];
  return reason === undefined ? `exit code ${code}` : `exit code ${code} (${reason})`;
}
