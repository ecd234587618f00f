import "apache-beam";
import { DockerPayload, Pipeline, PubSubReadPayload } from "apache-beam/proto/beam_runner_api";

/** What the job's page shows: the names of a pipeline's outermost steps, in their order. */
export function stepNames(staged: Buffer): readonly string[] {
  const { rootTransformIds, components } = Pipeline.fromBinary(staged);
  return rootTransformIds.map((id) => components?.transforms[id]?.uniqueName ?? id);
}

/** The images that a pipeline's steps run in; a step that runs in anything else is named as `urn`. */
export function images(staged: Buffer): readonly string[] {
  const environments = Object.values(Pipeline.fromBinary(staged).components?.environments ?? {});
  return environments.map(({ urn, payload }) =>
    urn === "beam:env:docker:v1" ? DockerPayload.fromBinary(payload).containerImage : urn,
  );
}

/** What a pipeline leaves to the runner to read from Pub/Sub. */
export function nativeReads(staged: Buffer): readonly Pick<PubSubReadPayload, "subscription" | "withAttributes">[] {
  return Object.values(Pipeline.fromBinary(staged).components?.transforms ?? {}).flatMap(({ spec }) => {
    if (spec?.urn !== "beam:transform:pubsub_read:v1") return [];
    const { subscription, withAttributes } = PubSubReadPayload.fromBinary(spec.payload);
    return [{ subscription, withAttributes }];
  });
}
