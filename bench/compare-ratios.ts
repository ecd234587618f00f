import type { Ratios } from "./results";

/** A ratio may be this part of what it was. */
const LEAST_SHARE = 0.75;

const HIGHER_IS_BETTER: Readonly<Record<keyof Ratios, boolean>> = {
  tutorialVsPlain: true,
  wideVsPlain: true,
  peakRssMb: false,
  rssGrowth: false,
  defaultModeCpu: false,
};

/** One sentence for each ratio that has become worse by more than a quarter. */
export function worseRatios(now: Ratios, before: Ratios): readonly string[] {
  return (Object.keys(HIGHER_IS_BETTER) as (keyof Ratios)[]).flatMap((name) => {
    const share = HIGHER_IS_BETTER[name] ? now[name] / before[name] : before[name] / now[name];
    // A ratio that could not be made is no better than a bad one.
    if (share >= LEAST_SHARE) return [];
    return [`${name} is ${now[name].toFixed(2)}; it was ${before[name].toFixed(2)}`];
  });
}
