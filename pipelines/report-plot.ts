import type { RunRow } from "../schema/run-record";
import { formatDuration } from "./format-duration";
import { escapeHtml } from "./html-page";

const WIDTH = 1000;
const HEIGHT = 200;
const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

const UNITS = {
  bulk: "items",
  incremental: "changes",
  stream: "changes",
  verify: "items",
  replay: "dead letters",
  preflight: "",
} as const;

/** How fast a run was from one sample of its progress to the next, as a plot; its axes are text that keeps its size. */
export function throughputPlot({ command, runId, details }: RunRow): string {
  const intervals = rates(details.samples);
  const end = details.samples.at(-1)?.[0] ?? 0;
  const start = details.samples[0]?.[0] ?? 0;
  if (intervals.length === 0 || end <= start) return "";
  const top = niceCeiling(Math.max(...intervals.map(({ rate }) => rate)));
  const x = (seconds: number) => (((seconds - start) / (end - start)) * WIDTH).toFixed(1);
  const y = (rate: number) => (HEIGHT - (top === 0 ? 0 : (rate / top) * HEIGHT)).toFixed(1);
  // A step for each interval: its average is known, what was within it is not.
  const steps = intervals.map(({ from, to, rate }) => `L${x(from)} ${y(rate)}L${x(to)} ${y(rate)}`).join("");
  const unit = UNITS[command];
  const done = details.samples.at(-1)?.[1] ?? 0;
  const average = done / (end - start);
  const label = `${command} ${runId}: ${unit} a second over ${formatDuration(end - start)}, at most ${number.format(top)}`;
  const lines = [0, 0.5].map((share) => `<path class="grid" d="M0 ${share * HEIGHT}H${WIDTH}"/>`).join("");
  return `<figure class="plot ${command}">
<figcaption><b>${escapeHtml(command)}</b> <code>${escapeHtml(runId)}</code> · ${number.format(done)} ${unit} in ${formatDuration(end - start)}, ${number.format(average)} a second on average</figcaption>
<div class="area"><span class="top">${number.format(top)} /s</span><span class="half">${number.format(top / 2)}</span>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(label)}">${lines}<path class="fill" d="M0 ${HEIGHT}${steps}L${WIDTH} ${HEIGHT}Z"/></svg></div>
<div class="axis"><span>start</span><span>${axisLabel((end - start) / 2)}</span><span>${axisLabel(end - start)}</span></div>
</figure>`;
}

function axisLabel(seconds: number): string {
  return seconds < 10 ? `${number.format(seconds)} s` : formatDuration(seconds);
}

interface Interval {
  readonly from: number;
  readonly to: number;
  readonly rate: number;
}

/** Never below nothing: a count that was corrected is no work undone. */
function rates(samples: RunRow["details"]["samples"]): readonly Interval[] {
  return samples.slice(1).flatMap(([to, done], index) => {
    const [from, before] = samples[index] ?? [0, 0];
    return to <= from ? [] : [{ from, to, rate: Math.max(0, (done - before) / (to - from)) }];
  });
}

const NICE = [1, 1.5, 2, 3, 4, 5, 6, 8, 10] as const;

/** The next number that reads well on an axis. */
function niceCeiling(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = NICE.find((each) => each * power >= value) ?? 10;
  return factor * power;
}
