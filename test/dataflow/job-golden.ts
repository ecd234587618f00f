import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { FakeJob } from "./fake-dataflow";

/**
 * Compares a job as it was asked for with test/dataflow/golden/NAME.json, which was read line by line when it was made.
 * With UPDATE_GOLDEN=1 it is written anew: look at what `git diff` then shows.
 *
 * @param places names for addresses that are the test's own: the stand-in's, which is the API and the registry; the bucket's
 */
export function expectGoldenJob(job: FakeJob, name: string, places: Readonly<Record<string, string>>): void {
  const path = join(process.cwd(), "test/dataflow/golden", `${name}.json`);
  const found = normalise(job, places);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, `${JSON.stringify(found, undefined, 2)}\n`);
  expect(found).to.deep.equal(JSON.parse(readFileSync(path, "utf8")));
}

/** What differs from run to run, or from machine to machine, gets a name in capitals. */
function normalise({ project, region, request }: FakeJob, places: Readonly<Record<string, string>>): unknown {
  let text = JSON.stringify({ path: { project, region }, request });
  for (const [place, name] of Object.entries(places)) text = text.replaceAll(place, name);
  text = text
    // The job's folder: the SDK adds the time, in seconds since 1970, to its name.
    .replace(/\.\d{10}\.\d{6}/g, ".TIME")
    // The run's id, in names of jobs.
    .replace(/\d{8}t\d{6}z-[0-9a-f]{6}/g, "RUN");
  const copy = JSON.parse(text) as {
    request: {
      clientRequestId: unknown;
      environment: {
        userAgent: { name: string };
        sdkPipelineOptions: {
          display_data?: unknown;
          options: { pipelineProtoHash: unknown; beam_plugins: string[]; registered_node_modules: string[] };
        };
      };
    };
  };
  const { environment } = copy.request;
  const { options } = environment.sdkPipelineOptions;
  // Time and a random number: by it the service knows a request that is made twice.
  copy.request.clientRequestId = "REQUEST";
  // The version of Python, of which several will do.
  environment.userAgent.name = environment.userAgent.name.replace(/\d+\.\d+/, "PYTHON");
  // The hash of the pipeline, which holds the run's id and the files of the test.
  options.pipelineProtoHash = "HASH";
  // A set, so in no order.
  options.beam_plugins.sort();
  // In the order in which this program happened to load them; any will do.
  options.registered_node_modules.sort();
  // The options once more, those that are not the SDK's defaults, for the job's page; their texts have no order either.
  delete environment.sdkPipelineOptions.display_data;
  return sorted(copy);
}

/** Names in the order of the alphabet: the service knows none. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
