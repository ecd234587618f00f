import { join } from "node:path";
import { isExecutableFile, programPath } from "./program-path";

/** Flags for a short-lived server: a quicker start matters more than the speed it would reach after hours. */
export const quickStartFlags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] as const;

/** The `java` of JAVA_HOME or of PATH, or undefined where there is none. */
export function javaProgram(): string | undefined {
  const home = process.env["JAVA_HOME"];
  const ofHome = home === undefined || home === "" ? undefined : join(home, "bin", "java");
  return ofHome !== undefined && isExecutableFile(ofHome) ? ofHome : programPath("java");
}
