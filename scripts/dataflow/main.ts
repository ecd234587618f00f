import { reportFailure } from "../../pipelines/failure";
import { installBeamPython } from "./python-environment";

/** `make dataflow`: makes what `--runner dataflow` needs on this machine, and prints its path. */
void installBeamPython().then(
  (python) => process.stdout.write(`${python}\n`),
  (error: unknown) => process.exit(reportFailure(error)),
);
