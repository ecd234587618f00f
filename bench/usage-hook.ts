import { writeFileSync } from "node:fs";

/**
 * Loaded before a program (`node --require`), it leaves in the file that BENCH_USAGE names what the process has used when
 * it ends, start included.
 */
export interface ProcessUsage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakRssMb: number;
}

const file = process.env["BENCH_USAGE"];
if (file !== undefined) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage: ProcessUsage = {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      wallSeconds: process.uptime(),
      peakRssMb: maxRSS / 1024,
    };
    writeFileSync(file, JSON.stringify(usage));
  });
}
