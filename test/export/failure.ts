import { expect } from "chai";
import type { ErrorCode } from "../../errors/codes";
import { MigrationError } from "../../errors/migration-error";

/** Awaits a failure with this code, whose message matches. */
export async function expectFailure(
  action: Promise<unknown> | (() => Promise<unknown>),
  code: ErrorCode,
  message: RegExp,
): Promise<MigrationError> {
  let failure: unknown;
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    failure = error;
  }
  if (!(failure instanceof MigrationError)) {
    throw new Error(`expected ${code}, got ${failure === undefined ? "no error" : (failure as Error).stack}`);
  }
  expect(failure.code, failure.message).to.equal(code);
  expect(failure.message).to.match(message);
  return failure;
}
