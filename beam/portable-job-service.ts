import "apache-beam";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { ArtifactRequestWrapper } from "apache-beam/proto/beam_artifact_api";
import { ArtifactStagingServiceClient } from "apache-beam/proto/beam_artifact_api.grpc-client";
import {
  type GetJobMetricsResponse,
  JobMessage_MessageImportance,
  type JobMessagesResponse,
  JobState_Enum,
  type JobStateEvent,
  type PrepareJobResponse,
  type RunJobResponse,
} from "apache-beam/proto/beam_job_api";
import { JobServiceClient } from "apache-beam/proto/beam_job_api.grpc-client";
import type { Pipeline } from "apache-beam/proto/beam_runner_api";
import { Struct } from "apache-beam/proto/google/protobuf/struct";
import { getRegisteredModules } from "apache-beam/serialization";
import { aggregateMetrics } from "apache-beam/worker/metrics";
import { MigrationError } from "../errors/migration-error";
import type { Counters } from "./launcher";
import { packageVersion, VERSION_OPTION } from "./worker-module";

/** Options of a pipeline as a runner knows them, by their names in the Beam SDK for Java. */
export type PipelineOptions = Readonly<Record<string, string | number | boolean>>;

export type PortableJobState = "running" | "done" | "failed" | "cancelled";

/** A job that a job service has taken. */
export interface PortableJob {
  readonly id: string;
  state(): Promise<PortableJobState>;
  /** Counters of bundles that have succeeded, by name, over all steps. */
  counters(): Promise<Counters>;
  /** Everything of weight that the runner has said of the job, waiting for its next words for some time at most. */
  errorMessages(milliseconds: number): Promise<readonly string[]>;
  /** Frees the connection. */
  close(): void;
}

/**
 * Hands a pipeline to a Beam job service (beam_job_api.proto).
 *
 * In place of the SDK's PortableRunner, which packs `apache-beam` under a tag that is gone from the registry for every
 * worker that is not a container of its own (runners/portable_runner/runner.js:261) and prints to standard output.
 *
 * @param endpoint `host:port`
 * @throws MigrationError E_JOB_SERVICE
 */
export async function submitPortableJob(
  endpoint: string,
  pipeline: Pipeline,
  jobName: string,
  options: PipelineOptions,
): Promise<PortableJob> {
  const client = new JobServiceClient(endpoint, credentials.createInsecure(), {}, {});
  try {
    const prepared = await call<PrepareJobResponse>(endpoint, (done) =>
      client.prepare({ pipeline, jobName, pipelineOptions: toStruct({ ...options, job_name: jobName }) }, done),
    );
    const token = prepared.stagingSessionToken;
    const staging = prepared.artifactStagingEndpoint?.url;
    if (staging !== undefined && staging !== "") await offerNothing(staging, token);
    const { preparationId } = prepared;
    const { jobId } = await call<RunJobResponse>(endpoint, (done) =>
      client.run({ preparationId, retrievalToken: token }, done),
    );
    return portableJob(endpoint, client, jobId);
  } catch (error) {
    client.close();
    throw error;
  }
}

function toStruct(options: PipelineOptions): Struct {
  const ofWorkers = { registered_node_modules: getRegisteredModules(), [VERSION_OPTION]: packageVersion() };
  const entries = Object.entries({ ...options, ...ofWorkers });
  return Struct.fromJson(
    Object.fromEntries(entries.map(([name, value]) => [`beam:option:${name}:v1`, value])) as Parameters<
      typeof Struct.fromJson
    >[0],
  );
}

/** Tells the runner's store of files that the job has none. The job can't be run before that. */
function offerNothing(endpoint: string, stagingToken: string): Promise<void> {
  const client = new ArtifactStagingServiceClient(endpoint, credentials.createInsecure(), {}, {});
  const offer = client.reverseArtifactRetrievalService();
  const none = { stagingToken, isLast: false };
  offer.on("data", ({ request }: ArtifactRequestWrapper) => {
    const asked = request.oneofKind === "resolveArtifact" ? request.resolveArtifact.artifacts : [];
    const response = {
      oneofKind: "resolveArtifactResponse" as const,
      resolveArtifactResponse: { replacements: asked },
    };
    offer.write({ ...none, response });
  });
  offer.write({ ...none, response: { oneofKind: undefined } });
  return new Promise<void>((resolve, reject) => {
    offer.once("end", resolve);
    offer.once("error", (error) => reject(unavailable(endpoint, error)));
  }).finally(() => client.close());
}

function portableJob(endpoint: string, client: JobServiceClient, jobId: string): PortableJob {
  return {
    id: jobId,
    state: async () => toState((await call<JobStateEvent>(endpoint, (done) => client.getState({ jobId }, done))).state),
    async counters() {
      const { metrics } = await call<GetJobMetricsResponse>(endpoint, (done) => client.getJobMetrics({ jobId }, done));
      return Object.fromEntries(aggregateMetrics(metrics?.committed ?? [], "beam:metric:user:sum_int64:v1"));
    },
    errorMessages: (milliseconds) => readErrors(client, jobId, milliseconds),
    close: () => client.close(),
  };
}

function toState(state: JobState_Enum): PortableJobState {
  switch (state) {
    case JobState_Enum.DONE:
    case JobState_Enum.DRAINED:
    case JobState_Enum.UPDATED:
      return "done";
    case JobState_Enum.FAILED:
      return "failed";
    case JobState_Enum.CANCELLED:
      return "cancelled";
    default:
      return "running";
  }
}

/** The service repeats all messages of a job to whoever asks, and need not end the stream. */
function readErrors(client: JobServiceClient, jobId: string, milliseconds: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const errors: string[] = [];
    const stream = client.getMessageStream({ jobId });
    const end = () => {
      clearTimeout(timer);
      stream.cancel();
      resolve(errors);
    };
    const timer = setTimeout(end, milliseconds);
    stream.on("data", ({ response }: JobMessagesResponse) => {
      if (response.oneofKind !== "messageResponse") return;
      const { importance, messageText } = response.messageResponse;
      if (importance === JobMessage_MessageImportance.JOB_MESSAGE_ERROR) errors.push(messageText);
    });
    stream.once("end", end);
    // It is ended by cancelling it, and an answer that does not come is no error of the job.
    stream.on("error", end);
  });
}

function call<T>(endpoint: string, start: (done: (error: ServiceError | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (value === undefined) reject(unavailable(endpoint, error));
      else resolve(value);
    });
  });
}

function unavailable(endpoint: string, cause: ServiceError | Error | null): MigrationError {
  const reason = cause === null ? "no answer" : cause.message;
  return new MigrationError("E_JOB_SERVICE", `the Beam job service at ${endpoint}: ${reason}`, { cause });
}
