import "apache-beam";
import { google } from "@google-cloud/pubsub/build/protos/protos";
import { timestampParam } from "apache-beam/transforms/pardo";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { ChangeMessage } from "./change-message";

/** The element's timestamp: when Pub/Sub took the message, in milliseconds since 1970. */
interface MessageContext {
  readonly timestamp: ReturnType<typeof timestampParam>;
}

export function messageContext(): MessageContext {
  return { timestamp: timestampParam() };
}

/**
 * Messages as Beam's Pub/Sub source gives them, a serialised google.pubsub.v1.PubsubMessage each, as {@link ChangeMessage}s.
 * Their publish time is the element's timestamp, with milliseconds.
 */
export class DecodeMessage implements AsyncDoFn<Uint8Array, ChangeMessage, MessageContext> {
  readonly beamName = "DecodeMessage";

  process(bytes: Uint8Array, { timestamp }: MessageContext, emit: Emit<ChangeMessage>): Promise<void> | undefined {
    const { messageId, data, attributes } = google.pubsub.v1.PubsubMessage.decode(bytes);
    return (
      emit({
        messageId,
        publishTime: new Date(Number(timestamp.lookup())).toISOString(),
        data: Buffer.from(data).toString("base64"),
        attributes,
        waitingSince: null,
      }) ?? undefined
    );
  }
}

registerForWorkers("transforms/decode-message", { DecodeMessage });
