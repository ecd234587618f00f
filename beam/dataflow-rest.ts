import { setTimeout as pause } from "node:timers/promises";
import { MigrationError } from "../errors/migration-error";
import { dataflowFailure, isPassing } from "./dataflow-failure";
import type { RequestHeaders } from "./google-token";
import type { Counters } from "./launcher";

/** Where jobs run. */
export interface DataflowPlace {
  readonly project: string;
  readonly region: string;
  /** Address of the API, such as `https://dataflow.googleapis.com`. */
  readonly endpoint: string;
}

export interface DataflowMessage {
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
  readonly text: string;
  readonly importance: string;
}

/** The part of the Dataflow API (v1b3) that a job is watched and stopped by. */
export interface DataflowRest {
  /** The job of that name that runs, or is about to: its id. Undefined if none does. */
  findActive(name: string): Promise<string | undefined>;
  /** `JOB_STATE_…` (https://cloud.google.com/dataflow/docs/reference/rest/v1b3/projects.jobs#jobstate). */
  state(id: string): Promise<string>;
  requestState(id: string, state: "JOB_STATE_CANCELLED" | "JOB_STATE_DRAINED"): Promise<void>;
  /** What the service says of a job, warnings and errors among it, in the order of time. */
  messages(id: string, since: string | undefined): Promise<readonly DataflowMessage[]>;
  /** Counters of the pipeline's own steps, of work that is committed, by name over all steps. */
  counters(id: string): Promise<Counters>;
}

const TIMEOUT_MILLISECONDS = 20_000;
const ATTEMPTS = 5;
const FIRST_PAUSE_MILLISECONDS = 500;

/**
 * Every method throws MigrationError E_DATAFLOW_CREDENTIALS, E_DATAFLOW_PERMISSION, E_DATAFLOW_REFUSED or, after bounded
 * retries, E_DATAFLOW_UNREACHABLE.
 */
export function openDataflowRest(place: DataflowPlace, headers: RequestHeaders): DataflowRest {
  const { project, region, endpoint } = place;
  const jobs = `${endpoint}/v1b3/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(region)}/jobs`;
  const request = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    for (let attempt = 1; ; attempt++) {
      const { status, text } = await send(`${jobs}${path}`, await headers(), body);
      if (status >= 200 && status < 300) return parse(text, endpoint);
      if (attempt === ATTEMPTS || !isPassing(status)) throw dataflowFailure(status, messageOf(text, endpoint, status));
      await pause(FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1));
    }
  };
  /** All pages of a list. */
  const list = async (path: string, query: Record<string, string>, field: string): Promise<readonly unknown[]> => {
    const found: unknown[] = [];
    let pageToken = "";
    do {
      const words = new URLSearchParams(pageToken === "" ? query : { ...query, pageToken });
      const page = await request(`${path}?${words}`);
      found.push(...((page[field] ?? []) as readonly unknown[]));
      pageToken = String(page["nextPageToken"] ?? "");
    } while (pageToken !== "");
    return found;
  };
  return {
    async findActive(name) {
      const active = (await list("", { filter: "ACTIVE", name }, "jobs")) as readonly ListedJob[];
      return active.find((job) => job.name === name)?.id;
    },
    async state(id) {
      return String((await request(`/${id}`))["currentState"] ?? "JOB_STATE_UNKNOWN");
    },
    async requestState(id, requestedState) {
      await request(`/${id}`, { requestedState });
    },
    async messages(id, since) {
      const query = { minimumImportance: "JOB_MESSAGE_BASIC", ...(since === undefined ? {} : { startTime: since }) };
      const found = (await list(`/${id}/messages`, query, "jobMessages")) as readonly ListedMessage[];
      return found.map((message) => ({
        id: message.id ?? "",
        time: message.time ?? "",
        text: message.messageText ?? "",
        importance: message.messageImportance ?? "",
      }));
    },
    async counters(id) {
      const { metrics = [] } = (await request(`/${id}/metrics`)) as { readonly metrics?: readonly ListedMetric[] };
      return sumCounters(metrics);
    },
  };
}

interface ListedJob {
  readonly id: string;
  readonly name: string;
}

interface ListedMessage {
  readonly id?: string;
  readonly time?: string;
  readonly messageText?: string;
  readonly messageImportance?: string;
}

interface ListedMetric {
  readonly name?: {
    readonly origin?: string;
    readonly name?: string;
    readonly context?: Readonly<Record<string, string>>;
  };
  readonly scalar?: unknown;
}

/** The service gives each counter twice: as it stands, and ("tentative") with work that may yet be thrown away. */
function sumCounters(metrics: readonly ListedMetric[]): Counters {
  const sums = new Map<string, number>();
  for (const { name, scalar } of metrics) {
    if (name?.origin !== "user" || name.name === undefined || typeof scalar !== "number") continue;
    if (name.context?.["tentative"] !== undefined) continue;
    sums.set(name.name, (sums.get(name.name) ?? 0) + scalar);
  }
  return Object.fromEntries(sums);
}

interface HttpAnswer {
  /** 0: there was none, for the reason that `text` says. */
  readonly status: number;
  readonly text: string;
}

async function send(url: string, headers: Readonly<Record<string, string>>, body?: object): Promise<HttpAnswer> {
  try {
    const answer = await fetch(url, {
      method: body === undefined ? "GET" : "PUT",
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return { status: 0, text: reasonOf(error) };
  }
}

function parse(text: string, endpoint: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    const message = `what answers at ${endpoint} is not the Dataflow API`;
    throw new MigrationError("E_DATAFLOW_UNREACHABLE", message, { cause });
  }
}

/** Google's APIs answer with `{"error": {"message": …}}`. */
function messageOf(text: string, endpoint: string, status: number): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: string } };
    if (error?.message !== undefined) return error.message;
  } catch {
    // Not from the API itself: a proxy, or no answer at all.
  }
  return `${endpoint}: ${status === 0 ? "" : `status ${status}: `}${text.slice(0, 300)}`;
}

/** `fetch` says "fetch failed" and hides the reason one or two causes deeper. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
