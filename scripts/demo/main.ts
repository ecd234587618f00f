import { reportFailure } from "../../pipelines/failure";
import { runDemo } from "./run-demo";

// Servers stop with this process, however it ends; what is left open otherwise need not be waited for.
runDemo().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => process.exit(reportFailure(error)),
);
