import { type Checkpoint, writeCheckpoint } from "./checkpoint";

export interface CheckpointWriter {
  /** The checkpoint has changed: it will be written soon. */
  changed(): void;
  /** Writes the checkpoint as it is now. */
  flush(): Promise<void>;
}

/**
 * Writes the checkpoint behind the work: one write at a time, and at most one each `intervalMilliseconds`. The file may
 * lag behind (what was published since is then published again after a crash); it is never ahead.
 *
 * @param onError called when a write in the background fails.
 */
export function checkpointWriter(
  file: string,
  current: () => Checkpoint,
  onError: (error: unknown) => void,
  intervalMilliseconds = 200,
): CheckpointWriter {
  let timer: NodeJS.Timeout | undefined;
  let lastWrite: Promise<void> = Promise.resolve();

  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    lastWrite = lastWrite.catch(() => undefined).then(() => writeCheckpoint(file, current()));
    return lastWrite;
  };
  return {
    changed: () => {
      timer ??= setTimeout(() => write().catch(onError), intervalMilliseconds);
    },
    flush: write,
  };
}
