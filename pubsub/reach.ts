/** What is told of the way to Pub/Sub. */
export type ReachEvent =
  | { readonly kind: "lost"; readonly lastAnswer: Date; readonly reason: string }
  | { readonly kind: "back"; readonly seconds: number };

/** Whether Pub/Sub answers: its client tries for ever to open a stream of messages again, and never says so. */
export interface Reach {
  /** When it last gave an answer or a message, in milliseconds since 1970, if it is out of reach; undefined: it is not. */
  readonly lostSince: number | undefined;
  /** When it was last found not to answer, in milliseconds since 1970; undefined: never. */
  readonly silentAt: number | undefined;
  /** A message has come. */
  heard(): void;
  /** Asks now; gives when it was last found not to answer, in milliseconds of `performance.now()`; undefined: never. */
  lastSilence(): Promise<number | undefined>;
  stop(): void;
}

const LOOK_MILLISECONDS = 5_000;

/** One question without an answer may be bad luck. */
const FAILURES_UNTIL_LOST = 2;

/**
 * Asks whether Pub/Sub is there, again and again while no message comes.
 *
 * @param ask fails if there is no answer; a refusal is an answer
 */
export function watchReach(
  ask: () => Promise<void>,
  report: (event: ReachEvent) => void,
  lookMilliseconds: number = LOOK_MILLISECONDS,
): Reach {
  let lastAnswer = Date.now();
  let lostSince: number | undefined;
  let lastSilence: number | undefined;
  let silentAt: number | undefined;
  let failures = 0;
  let quiet = true;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const answered = (): void => {
    failures = 0;
    lastAnswer = Date.now();
    if (lostSince === undefined) return;
    report({ kind: "back", seconds: (lastAnswer - lostSince) / 1000 });
    lostSince = undefined;
  };
  const silent = (error: unknown): void => {
    lastSilence = performance.now();
    silentAt = Date.now();
    if (++failures < FAILURES_UNTIL_LOST || lostSince !== undefined) return;
    lostSince = lastAnswer;
    const reason = error instanceof Error ? error.message : String(error);
    report({ kind: "lost", lastAnswer: new Date(lastAnswer), reason });
  };
  const look = async (): Promise<void> => {
    try {
      await ask();
      if (!stopped) answered();
    } catch (error) {
      if (!stopped) silent(error);
    }
  };
  const lookLater = (): void => {
    timer = setTimeout(async () => {
      if (quiet) await look();
      quiet = true;
      if (!stopped) lookLater();
    }, lookMilliseconds).unref();
  };

  lookLater();
  return {
    get lostSince() {
      return lostSince;
    },
    get silentAt() {
      return silentAt;
    },
    heard() {
      quiet = false;
      answered();
    },
    async lastSilence() {
      await look();
      return lastSilence;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
