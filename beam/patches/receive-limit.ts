import { createRequire } from "node:module";
import { expectInternal } from "../beam-version";

/** The one internal of @grpc/grpc-js that this patch sets; read for each call (build/src/subchannel-call.js:97). */
interface GrpcConstants {
  DEFAULT_MAX_RECEIVE_MESSAGE_LENGTH?: number;
}

/**
 * The SDK opens its channels without options (worker/data.js:127, worker/state.js:125), so gRPC refuses messages above
 * 4 MiB: the data stream breaks, and the bundle, and with it the job, waits for ever. Runners do send larger ones. As the
 * options cannot be given, the default is raised: for this process, for all clients that set no limit of their own.
 */
export function installReceiveLimit(): void {
  const requireAsSdk = createRequire(require.resolve("apache-beam"));
  const constants = requireAsSdk("@grpc/grpc-js/build/src/constants") as GrpcConstants;
  expectInternal(constants.DEFAULT_MAX_RECEIVE_MESSAGE_LENGTH, "the default receive limit in @grpc/grpc-js");
  constants.DEFAULT_MAX_RECEIVE_MESSAGE_LENGTH = -1;
}
