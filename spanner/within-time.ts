import { withDeadline } from "./deadline";
import { grpcStatus } from "./error-class";

/**
 * The result of `work`, if it comes in time. What `work` waits for goes on unheard.
 *
 * @throws an error with gRPC's code DEADLINE_EXCEEDED, as the client's own timeouts have it
 */
export function withinTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  const message = `no answer within ${milliseconds / 1000} seconds`;
  return withDeadline(work, milliseconds, () =>
    Object.assign(new Error(message), { code: grpcStatus.DEADLINE_EXCEEDED }),
  );
}
