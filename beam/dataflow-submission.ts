import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import "apache-beam";
import { Pipeline } from "apache-beam/proto/beam_runner_api";
import { MigrationError } from "../errors/migration-error";
import { dataflowFailure } from "./dataflow-failure";
import { dataflowSubmitProgram } from "./python-environment";

/** Options of a pipeline by their names in the Beam SDK for Python. */
export type PythonOptions = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What dataflow_submit.py answers. */
type Answer =
  | { readonly jobId: string }
  | {
      readonly error: {
        readonly kind: "credentials" | "exists" | "http" | "staging" | "other";
        readonly message: string;
        readonly status?: number;
      };
    };

const LOG_LINES_KEPT = 20;

/**
 * Hands a pipeline to Dataflow by the Beam SDK for Python, in a process that ends with the submission, and also when this
 * process ends, however it does: then nothing is submitted any more.
 *
 * @param python the Python that has the SDK
 * @returns the job's id
 * @throws MigrationError E_BEAM_PYTHON, E_DATAFLOW_…
 */
export async function submitToDataflow(python: string, pipeline: Pipeline, options: PythonOptions): Promise<string> {
  const child = spawn(python, ["-u", dataflowSubmitProgram], {
    // Ctrl-C in a terminal is for this process, which then cancels the job: half a submission would leave one behind.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    log.push(line);
    if (log.length > LOG_LINES_KEPT) log.shift();
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
  });
  // A program that ends early says why: the broken pipe does not.
  child.stdin.on("error", () => undefined);
  child.stdin.write(`${JSON.stringify({ pipeline: encode(pipeline), options })}\n`);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const reason = await ended;
  const answer = parseAnswer(text);
  if (answer === undefined) {
    throw new MigrationError("E_BEAM_PYTHON", `${python} can't run the Beam SDK: ${reason}`, { details: log });
  }
  if ("jobId" in answer) return answer.jobId;
  throw submissionError(answer.error);
}

function encode(pipeline: Pipeline): string {
  return Buffer.from(Pipeline.toBinary(pipeline)).toString("base64");
}

function parseAnswer(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}

function submissionError({ kind, message, status }: Extract<Answer, { error: unknown }>["error"]): MigrationError {
  switch (kind) {
    case "credentials":
      return new MigrationError("E_DATAFLOW_CREDENTIALS", message);
    case "exists":
      return new MigrationError("E_DATAFLOW_JOB_EXISTS", message);
    case "staging":
      return new MigrationError("E_DATAFLOW_STAGING", message);
    case "http":
      return dataflowFailure(status ?? 0, message);
    default:
      return new MigrationError("E_DATAFLOW_REFUSED", message);
  }
}
