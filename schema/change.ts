import { MigrationError } from "../errors/migration-error";
import type { Item } from "./attribute-value";
import { parseItem } from "./parse-item";
import { isBeingDeleted, withoutReplicationAttributes } from "./replication-attributes";
import { parseSequenceNumber } from "./sequence-number";

interface ChangedItem {
  /** The item's primary key: partition key and, if the table has one, sort key. */
  readonly keys: Item;
  /** Orders the changes of one item, and of all items with one partition key. Nothing else does. */
  readonly sequenceNumber: bigint;
  /** When DynamoDB made the change, RFC 3339 in UTC. Approximate, for people to read; never an order. */
  readonly changedAt?: string;
  /** Name of the DynamoDB table, where the record tells it. */
  readonly table?: string;
}

/** One change of one item: its whole new image, or its end. */
export type Change =
  | (ChangedItem & { readonly kind: "put"; readonly image: Item })
  | (ChangedItem & {
      readonly kind: "delete";
      /** Deleted by Time to Live, not by the application. */
      readonly expired: boolean;
    });

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one DynamoDB Streams record: either the whole record as Lambda hands it out (`eventName`, `eventSourceARN`,
 * `userIdentity`, `dynamodb` …) or its `dynamodb` object alone, which has no event name.
 *
 * A delete is taken for one only when the record says so beyond doubt: a put whose image is missing (stream view
 * KEYS_ONLY or OLD_IMAGE, a truncated record) must never delete a row. No message holds a value of the item.
 *
 * @throws MigrationError E_CHANGE_FORMAT, E_CHANGE_EVENT_NAME, E_CHANGE_NO_NEW_IMAGE, E_CHANGE_AMBIGUOUS,
 *   E_CHANGE_CONTRADICTION, E_CHANGE_KEYS, E_CHANGE_SEQUENCE_NUMBER, and what `parseItem` throws
 */
export function parseChange(record: unknown): Change {
  const outer = requireObject(record, "the message");
  const envelope = own(outer, "dynamodb") !== undefined;
  const inner = envelope ? requireObject(own(outer, "dynamodb"), "dynamodb") : outer;
  if (!envelope && own(inner, "Keys") === undefined) throw unknownFormat(outer);

  const sequenceNumber = parseSequenceNumber(own(inner, "SequenceNumber"));
  const keys = parseKeys(own(inner, "Keys"));
  const newImage = parseImage(own(inner, "NewImage"));
  const table = envelope ? tableOfArn(own(outer, "eventSourceARN")) : undefined;
  const changedAt = parseCreationTime(own(inner, "ApproximateCreationDateTime"));
  const item: ChangedItem = {
    keys,
    sequenceNumber,
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(table === undefined ? {} : { table }),
  };

  const kind = kindOfChange(envelope ? own(outer, "eventName") : undefined, inner, newImage !== undefined);
  if (kind === "delete" || newImage === undefined) {
    return { ...item, kind: "delete", expired: isExpiry(own(outer, "userIdentity")) };
  }
  requireSameKeys(keys, newImage);
  // The item is on its way out: its REMOVE follows. Taking the mark itself for the delete leaves the same end state
  // whichever of the two comes last; if the replica keeps the item after all, that is one more MODIFY, without the mark.
  if (isBeingDeleted(newImage)) return { ...item, kind: "delete", expired: false };
  return { ...item, kind: "put", image: withoutReplicationAttributes(newImage) };
}

function kindOfChange(eventName: unknown, inner: Fields, hasNewImage: boolean): "put" | "delete" {
  const view = own(inner, "StreamViewType");
  switch (eventName) {
    case "INSERT":
    case "MODIFY":
      if (hasNewImage) return "put";
      throw new MigrationError(
        "E_CHANGE_NO_NEW_IMAGE",
        `a record of event ${eventName} has no dynamodb.NewImage (StreamViewType ${describeView(view)})`,
      );
    case "REMOVE":
      if (!hasNewImage) return "delete";
      throw new MigrationError("E_CHANGE_CONTRADICTION", "a record of event REMOVE has a dynamodb.NewImage");
    case undefined:
    case null:
      return kindOfBareChange(inner, view, hasNewImage);
    default:
      throw new MigrationError("E_CHANGE_EVENT_NAME", "eventName is none of INSERT, MODIFY and REMOVE");
  }
}

/** Without an event name only the images tell; a view that never has new images can't tell a put from a delete. */
function kindOfBareChange(inner: Fields, view: unknown, hasNewImage: boolean): "put" | "delete" {
  if (hasNewImage) return "put";
  if (view === "NEW_IMAGE") return "delete";
  if (view === "NEW_AND_OLD_IMAGES" && parseImage(own(inner, "OldImage")) !== undefined) return "delete";
  throw new MigrationError(
    "E_CHANGE_AMBIGUOUS",
    `a record without eventName has no NewImage, and StreamViewType ${describeView(view)} does not prove a delete`,
  );
}

function describeView(view: unknown): string {
  const known = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"].find((name) => name === view);
  return known ?? (view === undefined ? "is missing and" : "is unknown and");
}

/** An absent image comes as no field, null or (from some serialisers) an empty map: no item is empty, it has its key. */
export function parseImage(value: unknown): Item | undefined {
  if (value === undefined || value === null) return undefined;
  const image = parseItem(value);
  return Object.keys(image).length === 0 ? undefined : image;
}

export function parseKeys(value: unknown, where = "dynamodb.Keys"): Item {
  const keys = parseItem(requireObject(value, where));
  const values = Object.values(keys);
  const scalar = values.every((key) => "S" in key || "N" in key || "B" in key);
  if (values.length === 0 || values.length > 2 || !scalar) {
    throw new MigrationError(
      "E_CHANGE_KEYS",
      `${where} must hold one or two attributes of type S, N or B; it holds ${values.length}`,
    );
  }
  return keys;
}

export function requireSameKeys(keys: Item, image: Item, record = "dynamodb."): void {
  for (const [name, key] of Object.entries(keys)) {
    const value = Object.hasOwn(image, name) ? image[name] : undefined;
    if (JSON.stringify(key) !== JSON.stringify(value)) {
      throw new MigrationError(
        "E_CHANGE_KEYS",
        `the key attribute ${JSON.stringify(name)} of ${record}NewImage is not that of ${record}Keys`,
      );
    }
  }
}

/** Deletes by Time to Live: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html */
function isExpiry(userIdentity: unknown): boolean {
  if (!isObject(userIdentity)) return false;
  return own(userIdentity, "type") === "Service" && own(userIdentity, "principalId") === "dynamodb.amazonaws.com";
}

/** `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL` */
function tableOfArn(arn: unknown): string | undefined {
  if (typeof arn !== "string") return undefined;
  return /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(arn)?.[1];
}

const SECONDS_BELOW = 1e11;
const MILLISECONDS_BELOW = 1e14;
const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * `ApproximateCreationDateTime` is seconds (Lambda: integer or fraction), milliseconds or microseconds since 1970
 * (Kinesis Data Streams, by setting), told apart by size: 1e11 seconds is the year 5138, 1e11 milliseconds is 1973.
 * Whatever can't be read is left out: this is information, and no reason to refuse a change.
 */
function parseCreationTime(value: unknown): string | undefined {
  if (typeof value === "string") {
    const time = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isFinite(time) ? new Date(time).toISOString() : undefined;
  }
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) return undefined;
  const factor = value < SECONDS_BELOW ? 1000 : value < MILLISECONDS_BELOW ? 1 : 0.001;
  const milliseconds = Math.round(value * factor);
  return milliseconds <= LAST_MILLISECOND ? new Date(milliseconds).toISOString() : undefined;
}

function unknownFormat(outer: Fields): MigrationError {
  const batch = own(outer, "Records") !== undefined;
  return new MigrationError(
    "E_CHANGE_FORMAT",
    batch
      ? "the message is a batch (Records); each message must hold one record"
      : "the message is neither a DynamoDB Streams record nor its dynamodb object",
  );
}

function requireObject(value: unknown, where: string): Fields {
  if (isObject(value)) return value;
  throw new MigrationError("E_CHANGE_FORMAT", `${where} is ${value === undefined ? "missing" : "no JSON object"}`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
