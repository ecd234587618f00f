const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Calls `stop` at the first SIGINT or SIGTERM; a second one ends the process at once.
 * @returns gives the signals their usual meaning back
 */
export function stopOnSignals(stop: (signal: NodeJS.Signals) => void): () => void {
  let asked = false;
  const handle = (signal: NodeJS.Signals) => {
    if (asked) process.exit(1);
    asked = true;
    stop(signal);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}
