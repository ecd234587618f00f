import type { RowChange } from "../schema/row-change";

/** A Pub/Sub message as plain data, so that Beam's coders carry it unchanged. */
export interface ChangeMessage {
  readonly messageId: string;
  /** When Pub/Sub took the message, RFC 3339. */
  readonly publishTime: string;
  /** The message's data, in base64: it may be no UTF-8 at all. */
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Since when its change waits for its parent, RFC 3339; null: it does not. Set by whoever gives the message in again. */
  readonly waitingSince: string | null;
}

/** The change of one row that a message asks for, together with the message. */
export interface StreamedChange extends RowChange {
  /** Never null here: only rows of an export have no sequence number. */
  readonly sequenceNumber: string;
  readonly message: ChangeMessage;
  /** Changes of one item, and of the rows that lie in each other, have one shard. */
  readonly shard: string;
}
