import { grpcStatus } from "./error-class";

/**
 * The result of `work`, if it comes in time. What `work` waits for goes on unheard.
 *
 * @throws an error with gRPC's code DEADLINE_EXCEEDED, as the client's own timeouts have it
 */
export async function withinTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `no answer within ${milliseconds / 1000} seconds`;
      reject(Object.assign(new Error(message), { code: grpcStatus.DEADLINE_EXCEEDED }));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
