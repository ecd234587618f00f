import { homedir } from "node:os";
import { join } from "node:path";

/** Where programs that are downloaded or built once are kept; outside the checkout, so that `make clean` keeps them. */
export function programCacheFolder(): string {
  const configured = process.env["XDG_CACHE_HOME"];
  const base = configured === undefined || configured === "" ? join(homedir(), ".cache") : configured;
  return join(base, "dynamodb-spanner-migration");
}
