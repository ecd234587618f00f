/** The emulator runs one read-write transaction at a time and aborts the others. */
const EMULATOR_DEFAULT = 1;
const DEFAULT = 16;

/** How many commits are under way at once: what the user asked for, else what suits the server. */
export function commitsInFlight(asked: number | undefined, emulator: boolean): number {
  return asked ?? (emulator ? EMULATOR_DEFAULT : DEFAULT);
}
