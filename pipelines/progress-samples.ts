/** Points of a plot that are kept, however long a run goes on. */
const MAX_POINTS = 240;

/** Time over which the rate is taken. */
const RATE_SECONDS = 60;

type Point = [seconds: number, done: number];

export interface ProgressSamples {
  /** @param done undefined adds nothing */
  add(done: number | undefined): void;
  /** Seconds since the start, and what was done by then; at even distances, the newest last. */
  points(): Point[];
  /** Done in a second, of late; null before two samples. */
  rate(): number | null;
}

/** Samples of how far a run is. When there are too many, every second one goes, and they are taken half as often. */
export function createProgressSamples(now: () => number = () => performance.now()): ProgressSamples {
  const start = now();
  let kept: Point[] = [];
  let every = 1;
  let taken = 0;
  let recent: Point[] = [];

  return {
    add(done) {
      if (done === undefined) return;
      const point: Point = [Math.round((now() - start) / 100) / 10, done];
      recent.push(point);
      while (recent.length > 2 && (recent[1]?.[0] ?? 0) <= point[0] - RATE_SECONDS) recent = recent.slice(1);
      if (taken++ % every === 0) kept.push(point);
      if (kept.length > MAX_POINTS) {
        kept = kept.filter((_, index) => index % 2 === 0);
        every *= 2;
      }
    },
    points() {
      const last = recent.at(-1);
      return last === undefined || kept.at(-1) === last ? [...kept] : [...kept, last];
    },
    rate() {
      const [first] = recent;
      const last = recent.at(-1);
      if (first === undefined || last === undefined || last[0] <= first[0]) return null;
      return (last[1] - first[1]) / (last[0] - first[0]);
    },
  };
}
