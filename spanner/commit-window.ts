/** A bounded number of tasks at once, with back-pressure for whoever hands them in. */
export interface CommitWindow {
  /**
   * Runs the task as soon as fewer than the limit are running.
   *
   * @returns null if another task could start at once, else a promise that is fulfilled when one can. It is never
   *   rejected: the first task that fails is remembered.
   * @throws what the first failed task threw; nothing is started any more
   */
  submit(task: () => Promise<void>): Promise<void> | null;
  /**
   * Waits until every task has ended.
   *
   * @throws what the first failed task threw
   */
  drain(): Promise<void>;
}

/** @param limit how many tasks run at once, at least 1 */
export function createCommitWindow(limit: number): CommitWindow {
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;
  let failure: { readonly error: unknown } | undefined;
  let room: Wait | undefined;
  let idle: Wait | undefined;

  const start = (task: () => Promise<void>): void => {
    running++;
    task().then(ended, (error: unknown) => {
      failure ??= { error };
      waiting.length = 0;
      ended();
    });
  };

  const ended = (): void => {
    running--;
    const next = waiting.shift();
    if (next !== undefined) start(next);
    if (running < limit) {
      room?.fulfil();
      room = undefined;
    }
    if (running === 0) {
      idle?.fulfil();
      idle = undefined;
    }
  };

  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };

  return {
    submit(task) {
      throwFailure();
      if (running < limit) start(task);
      else waiting.push(task);
      if (running < limit) return null;
      room ??= wait();
      return room.promise;
    },
    async drain() {
      if (running > 0) {
        idle ??= wait();
        await idle.promise;
      }
      throwFailure();
    },
  };
}

interface Wait {
  readonly promise: Promise<void>;
  readonly fulfil: () => void;
}

function wait(): Wait {
  let fulfil = (): void => {};
  const promise = new Promise<void>((resolve) => {
    fulfil = resolve;
  });
  return { promise, fulfil };
}
