#!/usr/bin/env node
import "apache-beam";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ApiServiceDescriptor } from "apache-beam/proto/endpoints";
import { Struct } from "apache-beam/proto/google/protobuf/struct";
import { askProvision } from "./provision";

/** Environment variable that names the folder of Beam's jars for Java on this machine. */
const JARS_VARIABLE = "BEAM_JAVA_JARS";

/*
 * A worker for steps that are written in Java (a PROCESS environment): a runner starts it with the words `--id=…
 * --provision_endpoint=…`. It asks the provision service what there is to know, and has Beam's own harness do the work. That
 * one takes all of it from environment variables (sdks/java/container/boot.go and FnHarness.java of Beam 2.62).
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { id: { type: "string" }, provision_endpoint: { type: "string" } },
    strict: false,
  });
  const id = String(values["id"] ?? "");
  const jars = process.env[JARS_VARIABLE] ?? "";
  if (jars === "") throw new Error(`${JARS_VARIABLE} does not name a folder of jars`);
  const info = await askProvision(id, String(values["provision_endpoint"] ?? ""));
  const { JAVA_HOME: home = "" } = process.env;
  const java = home === "" ? "java" : join(home, "bin", "java");
  const child = spawn(java, ["-cp", join(jars, "*"), "org.apache.beam.fn.harness.FnHarness"], {
    stdio: "inherit",
    env: {
      ...process.env,
      HARNESS_ID: id,
      CONTROL_API_SERVICE_DESCRIPTOR: textProto(info.controlEndpoint),
      LOGGING_API_SERVICE_DESCRIPTOR: textProto(info.loggingEndpoint),
      PIPELINE_OPTIONS: JSON.stringify(info.pipelineOptions === undefined ? {} : Struct.toJson(info.pipelineOptions)),
      RUNNER_CAPABILITIES: info.runnerCapabilities.join(","),
    },
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    // What a signal has ended was ended by the runner.
    child.once("exit", (code) => resolve(code ?? 0));
  });
}

/** In the text format of Protocol Buffers, which JSON's strings fit. */
function textProto(endpoint: ApiServiceDescriptor | undefined): string {
  return `url: ${JSON.stringify(endpoint?.url ?? "")}`;
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
