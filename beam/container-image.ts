import { MigrationError } from "../errors/migration-error";
import type { RequestHeaders } from "./google-token";

const TIMEOUT_MILLISECONDS = 20_000;

const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** An image's address, cut into what its registry's API asks for. */
export interface ImageAddress {
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest. */
  readonly reference: string;
}

/**
 * Reads `HOST/NAME[:TAG][@DIGEST]`.
 * @throws MigrationError E_DATAFLOW_IMAGE
 */
export function parseImage(image: string): ImageAddress {
  const match = /^([a-z0-9.-]+(?::\d+)?)\/([a-z0-9][a-z0-9._/-]*)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
    image,
  );
  const [, registry = "", repository = "", tag = "latest", digest] = match ?? [];
  if (match === null || !/[.:]|^localhost$/.test(registry)) {
    throw new MigrationError(
      "E_DATAFLOW_IMAGE",
      `${image} is no image's address such as REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG`,
    );
  }
  return { registry, repository, reference: digest ?? tag };
}

/**
 * Asks the image's registry for it: workers that can't have their image are started again and again, and the job neither
 * fails nor gets on. Only a clear "there is no such image" is an error: this process may be allowed less than workers.
 *
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 *
 * @throws MigrationError E_DATAFLOW_IMAGE
 */
export async function requireImage(image: string, headers: RequestHeaders): Promise<void> {
  const { registry, repository, reference } = parseImage(image);
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(registry) ? "http" : "https";
  const isGoogles = /(\.pkg\.dev|(^|\.)gcr\.io)$/.test(registry);
  let status: number;
  try {
    const answer = await fetch(`${scheme}://${registry}/v2/${repository}/manifests/${reference}`, {
      method: "HEAD",
      // Other registries have no use for these credentials, and must not see them.
      headers: { ...(isGoogles ? await headers() : {}), accept: MANIFEST_TYPES.join(", ") },
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    ({ status } = answer);
  } catch {
    return;
  }
  if (status === 404)
    throw new MigrationError("E_DATAFLOW_IMAGE", `${registry} has no image ${repository}:${reference}`);
}
