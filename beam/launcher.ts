import type { Root } from "apache-beam/pvalue";

/** Adds a pipeline's steps to its root. It may be asynchronous (to look at a folder, say), and holds no state. */
export type PipelineBuilder = (root: Root) => void | Promise<void>;

/** Counters by name, summed over all steps that count under that name. */
export type Counters = Readonly<Record<string, number>>;

/** Starts pipelines on one kind of runner. */
export interface Launcher {
  /** Resolves when the pipeline has been built and handed to the runner; what happens then is the job's. */
  launch(build: PipelineBuilder): Promise<Job>;
}

/** A pipeline that runs, or has run. */
export interface Job {
  /** Resolves when the job has finished; rejects with the error that ended it, or with the reason of its cancellation. */
  wait(): Promise<void>;
  /** The counts so far; after `wait()` the final ones. Of a failed job they are a lower bound. */
  counters(): Promise<Counters>;
  /** Asks the job to stop. `wait()` then rejects with `reason`, once nothing of the job is in flight any more. */
  cancel(reason: Error): Promise<void>;
}
