import "apache-beam";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Coder } from "apache-beam/coders/coders";
import { Context } from "apache-beam/coders/coders";
import { Pipeline, PipelineContext } from "apache-beam/internal/pipeline";
import * as fnApi from "apache-beam/proto/beam_fn_api";
import * as runnerApi from "apache-beam/proto/beam_runner_api";
import { ApiServiceDescriptor } from "apache-beam/proto/endpoints";
import type { MonitoringInfo } from "apache-beam/proto/metrics";
import { Root } from "apache-beam/pvalue";
import { impulse } from "apache-beam/transforms/internal";
import type { WindowedValue } from "apache-beam/values";
import { aggregateMetrics } from "apache-beam/worker/metrics";
import { encodeToBase64 } from "apache-beam/worker/operators";
import { globalWindowPosition, valueAt } from "../../beam/element-position";
import type { PipelineBuilder } from "../../beam/launcher";
import { FnApiServer } from "./fn-api-server";
import { eventually } from "./journal";

/** What a worker has answered to the request for a bundle. */
export interface BundleResult {
  /** Empty if the bundle succeeded. */
  readonly error: string;
  /** User counters by name. */
  readonly counters: Readonly<Record<string, number>>;
  readonly response: fnApi.ProcessBundleResponse | undefined;
}

export interface MetricMeanings {
  readonly error: string;
  readonly meanings: Readonly<Record<string, MonitoringInfo>>;
}

/**
 * A real worker process, driven over the Fn API as Flink or Dataflow drive theirs.
 *
 * The pipeline must start with one impulse; in its place the worker gets the elements of {@link runBundle}.
 */
export class WorkerUnderTest {
  /** All that the worker has printed. */
  printed = "";
  private bundles = 0;

  private constructor(
    readonly server: FnApiServer,
    private readonly worker: ChildProcess,
    private readonly source: Source,
  ) {
    const note = (chunk: Buffer) => {
      this.printed += chunk.toString();
    };
    worker.stdout?.on("data", note);
    worker.stderr?.on("data", note);
  }

  /** `modules` are the files that the worker loads before anything else. */
  static async start(build: PipelineBuilder, modules: readonly string[]): Promise<WorkerUnderTest> {
    const server = await FnApiServer.start();
    const { descriptor, source } = await describeBundle(build, server.address);
    server.descriptor = descriptor;
    const options = { "beam:option:registered_node_modules:v1": modules };
    const worker = spawn(
      process.execPath,
      [
        require.resolve("apache-beam/worker/worker_main"),
        "--id=worker-1",
        `--control_endpoint=${server.address}`,
        `--options=${JSON.stringify(options)}`,
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    return new WorkerUnderTest(server, worker, source);
  }

  /**
   * Sends the elements in one message and "no more data" in another, which runners may do; waits for the answer.
   * `isOpen` says from when on data may be sent; without it, data may arrive before the worker knows of the bundle.
   */
  async runBundle(elements: readonly Uint8Array[], isOpen = () => true): Promise<BundleResult> {
    this.bundles += 1;
    const instructionId = `bundle-${this.bundles}`;
    const answer = this.server.instruct(instructionId, {
      oneofKind: "processBundle",
      processBundle: fnApi.ProcessBundleRequest.create({ processBundleDescriptorId: DESCRIPTOR_ID }),
    });
    await eventually(isOpen);
    const { transformId } = this.source;
    const data = Buffer.concat(elements.map((element) => this.source.encode(element)));
    this.server.send([{ instructionId, transformId, data, isLast: false }]);
    this.server.send([{ instructionId, transformId, data: new Uint8Array(), isLast: true }]);
    const { error, response } = await answer;
    const processed = response.oneofKind === "processBundle" ? response.processBundle : undefined;
    const counters = aggregateMetrics(processed?.monitoringInfos ?? [], "beam:metric:user:sum_int64:v1");
    return { error, counters: Object.fromEntries(counters) as Record<string, number>, response: processed };
  }

  /** Asks what the short ids of reported metrics mean. */
  async askMetricMeanings(ids: readonly string[]): Promise<MetricMeanings> {
    const { error, response } = await this.server.instruct("metadata", {
      oneofKind: "monitoringInfos",
      monitoringInfos: { monitoringInfoId: [...ids] },
    });
    const meanings = response.oneofKind === "monitoringInfos" ? response.monitoringInfos.monitoringInfo : {};
    return { error, meanings };
  }

  /** Resolves with the exit code when the worker has ended by itself. */
  async exited(): Promise<number | null> {
    if (this.worker.exitCode === null) {
      // "close" comes after all of its output.
      await once(this.worker, "close");
    }
    return this.worker.exitCode;
  }

  async stop(): Promise<void> {
    if (this.worker.exitCode === null && this.worker.signalCode === null) {
      this.worker.kill("SIGKILL");
      await once(this.worker, "exit");
    }
    this.server.stop();
  }
}

const DESCRIPTOR_ID = "descriptor-1";
const SOURCE_CODER_ID = "source-coder";

interface Source {
  readonly transformId: string;
  /** An element as it travels in a data message. */
  encode(element: Uint8Array): Uint8Array;
}

interface BundleDescription {
  readonly descriptor: fnApi.ProcessBundleDescriptor;
  readonly source: Source;
}

/** The whole pipeline as one stage, its impulse replaced by a source that reads from `address`. */
async function describeBundle(build: PipelineBuilder, address: string): Promise<BundleDescription> {
  const pipeline = new Pipeline();
  await build(new Root(pipeline));
  const components = runnerApi.Components.clone(required(pipeline.getProto().components));
  const [transformId, start] = required(
    Object.entries(components.transforms).find(([, { spec }]) => spec?.urn === impulse.urn),
  );
  const outputId = required(Object.values(start.outputs)[0]);
  const windowing = required(Object.values(components.windowingStrategies)[0]);
  components.coders[SOURCE_CODER_ID] = runnerApi.Coder.create({
    spec: { urn: "beam:coder:windowed_value:v1", payload: new Uint8Array() },
    componentCoderIds: [required(components.pcollections[outputId]).coderId, windowing.windowCoderId],
  });
  const endpoint = ApiServiceDescriptor.create({ url: address });
  components.transforms[transformId] = runnerApi.PTransform.create({
    uniqueName: "Source",
    spec: {
      urn: "beam:runner:source:v1",
      payload: fnApi.RemoteGrpcPort.toBinary({ apiServiceDescriptor: endpoint, coderId: SOURCE_CODER_ID }),
    },
    outputs: { out: outputId },
  });
  const descriptor = fnApi.ProcessBundleDescriptor.create({
    id: DESCRIPTOR_ID,
    ...components,
    stateApiServiceDescriptor: endpoint,
  });
  const coder = new PipelineContext(components, "").getCoder(SOURCE_CODER_ID) as Coder<WindowedValue<Uint8Array>>;
  return { descriptor, source: { transformId, encode: (element) => encodeDelimited(element, coder) } };
}

function encodeDelimited(element: Uint8Array, coder: Coder<WindowedValue<Uint8Array>>): Uint8Array {
  // The SDK's writer is private to it; this is its only way to bytes, and it knows no context but "whole stream".
  const delimited: Coder<WindowedValue<Uint8Array>> = {
    encode: (value, writer) => coder.encode(value, writer, Context.needsDelimiters),
    decode: (reader) => coder.decode(reader, Context.needsDelimiters),
    toProto: (context) => coder.toProto(context),
  };
  return Buffer.from(encodeToBase64(valueAt(element, globalWindowPosition()), delimited), "base64");
}

function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("The pipeline's description is not as this test expects it.");
  }
  return value;
}
