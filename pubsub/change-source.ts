import type { ChangeMessage } from "../transforms/change-message";

/**
 * Where a stream's messages come from, in windows. Messages of a window are leased until they are acknowledged or given
 * back; a process that dies leaves them to be delivered again.
 */
export interface ChangeSource {
  /**
   * The next window: it opens with its first message, and closes after the window's length or at its size limit.
   * Null when the source has ended: it was asked to stop, or has been idle for as long as the user said.
   * @throws MigrationError E_PUBSUB_…
   */
  nextWindow(): Promise<MessageWindow | null>;
  /** No further message is taken; the window being collected is given back, and `nextWindow` gives null. */
  stop(): void;
  /** Messages that are held, in windows and waiting for one. */
  readonly held: HeldMessages;
  /** When the last message came, in milliseconds since 1970; undefined before the first. */
  readonly lastArrived: number | undefined;
  /** Gives back what is held, waits until acknowledgements are sent, closes the connection. */
  close(): Promise<void>;
}

export interface HeldMessages {
  readonly count: number;
  /** When the oldest of them was published, in milliseconds since 1970; undefined if none is held. */
  readonly oldestPublished: number | undefined;
}

export interface MessageWindow {
  /** One for each delivery: a message that was delivered twice may be there twice. */
  readonly messages: readonly ChangeMessage[];
  /**
   * Acknowledges all messages but those whose ids are in `except`. Only after the commits that hold them: what is
   * acknowledged never comes again.
   */
  acknowledge(except: ReadonlySet<string>): Promise<void>;
  /**
   * Messages to be taken into a later window, still leased, with since when they wait (by message id, RFC 3339). They
   * open a window again after `seconds`.
   */
  keepWaiting(waitingSince: ReadonlyMap<string, string>, seconds: number): void;
  /** Returns all messages to the subscription: they are delivered again, here or elsewhere. */
  giveBack(): void;
}
