import { MigrationError } from "../errors/migration-error";
import type { Counters } from "./launcher";

/** What Flink's REST interface says of a job. */
export interface FlinkJob {
  readonly id: string;
  /** RUNNING, FINISHED, FAILED, CANCELED … */
  readonly state: string;
}

/** A job, and the newest of its failures. */
export interface FlinkJobState {
  /** RUNNING, RESTARTING, FINISHED, FAILED, CANCELED … */
  readonly state: string;
  readonly failure?: {
    /** Milliseconds since 1970, by Flink's clock. */
    readonly at: number;
    /** With Java's stack traces. */
    readonly text: string;
  };
}

/** The part of Flink's REST interface (/v1 of Flink 1.19) that launching a job needs. */
export interface FlinkRest {
  /** Slots of all TaskManagers. */
  slots(): Promise<number>;
  /** The youngest job of that name; undefined if Flink has none. */
  findJob(name: string): Promise<FlinkJob | undefined>;
  cancelJob(id: string): Promise<void>;
  /** Where a job stands; also while it starts again after a failure. */
  look(id: string): Promise<FlinkJobState>;
  /** Beam's counters of the job's running tasks, by name, over all steps. Flink renews them every ten seconds. */
  userCounters(id: string): Promise<Counters>;
  /** Why a job failed: the first exception with its causes, a text for people. Empty if there is none. */
  failure(id: string): Promise<string>;
}

const TIMEOUT_MILLISECONDS = 20_000;
/** `<operator>.<namespace>_<name>` (FlinkMetricContainer.java of Beam); patches/counter-labels.ts sets the namespace. */
const USER_COUNTER = /\.dynamodb-spanner-migration_(\w+)$/;

/** @param address `host:port` */
export function openFlinkRest(address: string): FlinkRest {
  const request = async (path: string, method = "GET"): Promise<unknown> => {
    let answer: Response;
    let text: string;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
      answer = await fetch(`http://${address}${path}`, { method, signal });
      text = await answer.text();
    } catch (cause) {
      throw new MigrationError("E_FLINK_UNREACHABLE", `Flink at ${address}: ${reasonOf(cause)}`, { cause });
    }
    if (!answer.ok) {
      throw new MigrationError("E_FLINK_UNREACHABLE", `Flink at ${address} answered ${answer.status}: ${text}`);
    }
    return text === "" ? {} : parse(text, address);
  };
  return {
    async slots() {
      return Number(((await request("/overview")) as { readonly "slots-total"?: number })["slots-total"] ?? 0);
    },
    async findJob(name) {
      const { jobs = [] } = (await request("/jobs/overview")) as { readonly jobs?: readonly JobOverview[] };
      const [youngest] = jobs
        .filter((job) => job.name === name)
        .sort((left, right) => right["start-time"] - left["start-time"]);
      return youngest === undefined ? undefined : { id: youngest.jid, state: youngest.state };
    },
    async look(id) {
      const { state } = (await request(`/jobs/${id}`)) as { readonly state: string };
      const { exceptionHistory } = (await request(`/jobs/${id}/exceptions?maxExceptions=1`)) as JobExceptions;
      const [newest] = exceptionHistory?.entries ?? [];
      return newest === undefined ? { state } : { state, failure: { at: newest.timestamp, text: newest.stacktrace } };
    },
    async userCounters(id) {
      const { vertices = [] } = (await request(`/jobs/${id}`)) as {
        readonly vertices?: readonly { readonly id: string }[];
      };
      const counters: Record<string, number> = {};
      for (const vertex of vertices) {
        const path = `/jobs/${id}/vertices/${vertex.id}/subtasks/metrics`;
        const known = (await request(path)) as readonly { readonly id: string }[];
        const own = known.map((metric) => metric.id).filter((name) => USER_COUNTER.test(name));
        if (own.length === 0) continue;
        const query = own.map(encodeURIComponent).join(",");
        const values = (await request(`${path}?agg=sum&get=${query}`)) as readonly {
          readonly id: string;
          readonly sum: number;
        }[];
        for (const { id: metric, sum } of values) {
          const name = USER_COUNTER.exec(metric)?.[1] ?? metric;
          counters[name] = (counters[name] ?? 0) + sum;
        }
      }
      return counters;
    },
    async cancelJob(id) {
      await request(`/jobs/${id}?mode=cancel`, "PATCH");
    },
    async failure(id) {
      const answer = (await request(`/jobs/${id}/exceptions`)) as { readonly "root-exception"?: string | null };
      return answer["root-exception"] ?? "";
    },
  };
}

interface JobExceptions {
  readonly exceptionHistory?: {
    readonly entries?: readonly { readonly timestamp: number; readonly stacktrace: string }[];
  };
}

interface JobOverview {
  readonly jid: string;
  readonly name: string;
  readonly state: string;
  readonly "start-time": number;
}

function parse(text: string, address: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `what answers at ${address} is not Flink's REST interface`;
    throw new MigrationError("E_FLINK_UNREACHABLE", message, { cause });
  }
}

/** `fetch` says "fetch failed" and hides the reason one or two causes deeper. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
