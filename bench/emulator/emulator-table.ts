import { median } from "../results";
import type { Round } from "./measure-round";

/** The rounds' medians as Markdown. */
export function emulatorTable(items: number, rounds: readonly Round[]): string {
  const rate = (seconds: (round: Round) => number): string =>
    Math.round(items / median(rounds.map(seconds))).toLocaleString("en-US");
  const share = median(rounds.map(({ limit, bulk }) => limit / bulk));
  return [
    "| rows | runs | the emulator's limit, rows a second | bulk --exclusive, rows a second | share |",
    "| ---: | ---: | ---: | ---: | ---: |",
    `| ${items.toLocaleString("en-US")} | ${rounds.length} | ${rate(({ limit }) => limit)} | ${rate(({ bulk }) => bulk)} | ${share.toFixed(2)} |`,
    "",
  ].join("\n");
}
