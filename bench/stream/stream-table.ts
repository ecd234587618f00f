import type { StreamMeasurement } from "./measure-stream";

/** The measurements as Markdown. */
export function streamTable(measured: readonly StreamMeasurement[]): string {
  return [
    "| program | changes a second | changes per CPU-second | latency p50 ms | latency p99 ms | peak RSS MB |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...measured.map(({ program, rate, changesPerCpuSecond, latency, peakRssMb }) => {
      const numbers = [rate, changesPerCpuSecond, latency.p50, latency.p99, peakRssMb].map(Math.round);
      return `| ${[program === "plain" ? "plain script" : "stream", ...numbers].join(" | ")} |`;
    }),
    "",
  ].join("\n");
}
