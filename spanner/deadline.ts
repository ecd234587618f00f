/**
 * The promise's outcome, or the given error if it takes longer: the client waits for ever for some servers that die.
 *
 * @param late makes the error when the time is up
 */
export async function withDeadline<T>(promise: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
