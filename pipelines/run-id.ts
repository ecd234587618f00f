import { randomBytes } from "node:crypto";

/** A name for one run that sorts by time and that no other run has: `20260131T235959Z-1f2e3d`. */
export function createRunId(now: Date = new Date()): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  return `${time}-${randomBytes(3).toString("hex")}`;
}
