import type { PathSegment } from "./migration-plan";

/** Where in a mapping file something lies: property names and list indexes from the root. */
export type MappingPath = readonly PathSegment[];

/** One mistake in a mapping file: where, what is wrong, and what to do. */
export interface MappingProblem {
  readonly path: MappingPath;
  /** The name of the property at the path's end is at fault, not its value: point there. */
  readonly atName?: boolean;
  readonly message: string;
}
