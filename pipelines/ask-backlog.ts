import { GoogleAuth } from "google-auth-library";
import { type Backlog, readBacklog } from "../pubsub/backlog";
import { withDeadline } from "../spanner/deadline";

const ENDPOINT = "https://monitoring.googleapis.com";
const SCOPE = "https://www.googleapis.com/auth/monitoring.read";
const ASK_MILLISECONDS = 20_000;

/** What is known of a subscription's backlog; or why nothing is. */
export type BacklogReading =
  | { readonly subscription: string; readonly backlog: Backlog; readonly problem: null }
  | { readonly subscription: string; readonly backlog: null; readonly problem: string };

/** Asks for a subscription's backlog. Never fails: that nothing is known is an answer too. */
export async function askBacklog(subscription: string): Promise<BacklogReading> {
  const unknown = (problem: string): BacklogReading => ({ subscription, backlog: null, problem });
  if (process.env["PUBSUB_EMULATOR_HOST"]) return unknown("the emulator keeps no count");
  try {
    const auth = new GoogleAuth({ scopes: SCOPE });
    const headers = async () => Object.fromEntries(await (await auth.getClient()).getRequestHeaders());
    const reading = readBacklog(subscription, { endpoint: ENDPOINT, headers }, new Date());
    const backlog = await withDeadline(reading, ASK_MILLISECONDS, () => new Error("Cloud Monitoring does not answer"));
    return backlog === undefined
      ? unknown("Cloud Monitoring has measured nothing in the last ten minutes")
      : { subscription, backlog, problem: null };
  } catch (error) {
    return unknown((error as Error).message);
  }
}
