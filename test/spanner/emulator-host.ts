/** Runs `work` with another server (or none) in place of the shared emulator. */
export async function withSpannerHost<Result>(
  address: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = process.env["SPANNER_EMULATOR_HOST"];
  const set = (value: string | undefined): void => {
    if (value === undefined) delete process.env["SPANNER_EMULATOR_HOST"];
    else process.env["SPANNER_EMULATOR_HOST"] = value;
  };
  set(address);
  try {
    return await work();
  } finally {
    set(before);
  }
}
