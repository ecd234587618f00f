import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after `milliseconds`, or as soon as `signal` is aborted; never rejects. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

const longestMilliseconds = 30_000;

/** Time to wait before the attempt after `failures` failed ones: doubled each time, with jitter. */
export function backoffMilliseconds(failures: number, firstMilliseconds: number): number {
  const ceiling = Math.min(longestMilliseconds, firstMilliseconds * 2 ** (failures - 1));
  return ceiling * (0.5 + Math.random() / 2);
}
