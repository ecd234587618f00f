import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a client has asked for with `jobs.create`, and what became of it. */
export interface FakeJob {
  readonly id: string;
  readonly project: string;
  readonly region: string;
  /** The body of the request, as it came. */
  readonly request: JobRequest;
  state: string;
  readonly messages: FakeMessage[];
  metrics: readonly object[];
}

export interface JobRequest {
  readonly name: string;
  readonly type: string;
  readonly environment: { readonly sdkPipelineOptions: { readonly options: Readonly<Record<string, unknown>> } };
  readonly [field: string]: unknown;
}

export interface FakeMessage {
  readonly messageText: string;
  readonly messageImportance: string;
}

/** Refuses a request: status, and the message in Google's form. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

const WORKER_IMAGE = "images/worker:0.1.0";

const ENDED = new Set(["JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_DRAINED"]);

/**
 * The part of the Dataflow API (v1b3, REST) that launching a job needs:
 * https://cloud.google.com/dataflow/docs/reference/rest/v1b3/projects.locations.jobs. There is no emulator of it. It
 * takes every job, and leaves what becomes of it to `run`. It is a container registry as well
 * (https://github.com/opencontainers/distribution-spec), as far as one is asked whether it has an image.
 */
export class FakeDataflow {
  readonly jobs: FakeJob[] = [];
  /** Each request, as `METHOD path`. */
  readonly requests: string[] = [];
  /** Images that its registry has, as `NAME:TAG`. */
  readonly images = new Set([WORKER_IMAGE]);
  /** Consulted for each request; undefined lets it pass. */
  refuse: (method: string, path: string) => Refusal | undefined = () => undefined;
  /** What the service does with a job. */
  run: (job: FakeJob) => void = (job) => {
    job.state = "JOB_STATE_RUNNING";
  };

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeDataflow> {
    const server = createServer();
    const fake = new FakeDataflow(server);
    server.on("request", (request, response) => void fake.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  /** For `--dataflow-endpoint`. The SDK for Python speaks REST, in place of gRPC, to an endpoint with this word in it. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/sandbox`;
  }

  /** `HOST:PORT` of a container registry. */
  get registry(): string {
    return new URL(this.endpoint).host;
  }

  /** The options of a job that is handed to this service. */
  get options(): readonly string[] {
    const image = `${this.registry}/${WORKER_IMAGE}`;
    return [
      ...["--runner", "dataflow", "--dataflow-endpoint", this.endpoint, "--region", "europe-west1"],
      ...["--sdk-container-image", image],
    ];
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "" } = request;
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const path = pathname.replace(/^\/sandbox/, "");
    this.requests.push(`${method} ${path}`);
    const refusal = this.refuse(method, path);
    const answer =
      refusal === undefined
        ? this.handle(method, path, searchParams, Buffer.concat(chunks).toString())
        : { status: refusal.status, body: { error: { code: refusal.status, message: refusal.message } } };
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  }

  private handle(method: string, path: string, query: URLSearchParams, body: string): Answer {
    const [, name, tag] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? [];
    if (name !== undefined) return this.images.has(`${name}:${tag}`) ? ok({}) : notFound(`${name}:${tag}`);
    const match = /^\/v1b3\/projects\/([^/]+)\/locations\/([^/]+)\/jobs(?:\/([^/]+)(?:\/(messages|metrics))?)?$/.exec(
      path,
    );
    if (match === null) return notFound(path);
    const [, project = "", region = "", id, part] = match;
    if (id === undefined) {
      return method === "POST" ? this.create(project, region, JSON.parse(body) as JobRequest) : this.list(query);
    }
    const job = this.jobs.find((each) => each.id === id);
    if (job === undefined) return notFound(`job ${id}`);
    if (part === "messages") {
      const time = "2026-01-01T00:00:00Z";
      return ok({ jobMessages: job.messages.map((message, index) => ({ id: String(index), time, ...message })) });
    }
    if (part === "metrics") return ok({ metrics: job.metrics });
    if (method === "PUT") job.state = (JSON.parse(body) as { readonly requestedState: string }).requestedState;
    return ok(resource(job));
  }

  private create(project: string, region: string, request: JobRequest): Answer {
    const id = `2026-01-01_00_00_00-${this.jobs.length + 1}`;
    const job: FakeJob = { id, project, region, request, state: "JOB_STATE_PENDING", messages: [], metrics: [] };
    this.jobs.push(job);
    this.run(job);
    return ok(resource(job));
  }

  private list(query: URLSearchParams): Answer {
    const active = this.jobs.filter(({ state }) => query.get("filter") !== "ACTIVE" || !ENDED.has(state));
    return ok({
      jobs: active.filter(({ request }) => request.name === (query.get("name") ?? request.name)).map(resource),
    });
  }
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

function resource({ id, project, region, request, state }: FakeJob): object {
  const { name, type, clientRequestId } = request;
  return { id, projectId: project, location: region, name, type, clientRequestId, currentState: state };
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function notFound(what: string): Answer {
  return { status: 404, body: { error: { code: 404, message: `${what} not found`, status: "NOT_FOUND" } } };
}
