import { finalError } from "../../spanner/commit-refused";
import { classifySpannerError } from "../../spanner/error-class";

/** As `retryTransient`, without waits and with a number of attempts instead of a time. */
export function retryAtOnce(maxAttempts: number): <Result>(attempt: () => Promise<Result>) => Promise<Result> {
  return async (attempt) => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt();
      } catch (error) {
        if (attempts >= maxAttempts || classifySpannerError(error).kind !== "retry") throw finalError(error, "test");
      }
    }
  };
}
