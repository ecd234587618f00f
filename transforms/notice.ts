let show = (text: string): void => console.warn(text);

/**
 * Tells the user what a step has met that needs no end of the run. On a worker it is printed to the console, which goes to
 * the runner's log and, with `reportWorker`, to the launcher. No item's value may be in it.
 */
export function notice(text: string): void {
  show(text);
}

/** In the launcher's process: from now on notices are shown by `handler`. */
export function showNotices(handler: (text: string) => void): void {
  show = handler;
}
