import "apache-beam";
import type * as runnerApi from "apache-beam/proto/beam_runner_api";
import type { PCollection, Root } from "apache-beam/pvalue";
import { rawExternalTransform } from "apache-beam/transforms/external";
import { type AsyncPTransform, withName } from "apache-beam/transforms/transform";
import { MigrationError } from "../errors/migration-error";

/** A transform of Beam's Java SDK that an expansion service knows by name. */
export interface JavaTransform {
  /** Of the transform, shown on the runner's page. */
  readonly name: string;
  readonly urn: string;
  /** Its configuration: names as in its Java setters, with underscores. */
  readonly configuration: Readonly<Record<string, string | boolean>>;
  /** `host:port` of the expansion service, which is asked while the pipeline is built. */
  readonly expansionService: string;
}

/** What the SDK's class calls to fetch the Java transform's jars through this process. */
interface ArtifactResolver {
  resolveArtifacts(components: runnerApi.Components): Promise<runnerApi.Components>;
}

/**
 * Applies a transform written in Java. Its jars are not fetched: the runner's own class path must hold them, which is so
 * for Flink, whose job server sends them along (docs/flink.md).
 *
 * @throws MigrationError E_EXPANSION_SERVICE
 */
export async function applyJavaTransform<T>(root: Root, transform: JavaTransform): Promise<PCollection<T>> {
  const { name, urn, configuration, expansionService } = transform;
  const external = rawExternalTransform<Root, PCollection<T>>(urn, { ...configuration }, expansionService);
  // transforms/external.js:241 fetches some 270 jars and writes them to files, one by one.
  (external as unknown as ArtifactResolver).resolveArtifacts = async (components) => {
    for (const environment of Object.values(components.environments)) environment.dependencies = [];
    return components;
  };
  try {
    return await root.applyAsync(withName(name, external as AsyncPTransform<Root, PCollection<T>>));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new MigrationError("E_EXPANSION_SERVICE", `the Beam expansion service at ${expansionService}: ${reason}`, {
      cause,
    });
  }
}
