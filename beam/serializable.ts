import { types } from "node:util";
import { registeredObjects } from "apache-beam/serialization";
import { MigrationError } from "../errors/migration-error";

/**
 * The SDK's serialiser compares each value with all before it and with some thousand built-in objects
 * (serialize-closures' SerializedGraph.add): 10,000 values take a second. Long lists travel as one JSON string.
 */
const MAX_VALUES = 10_000;

/** The SDK's mark of a bigint within its JSON (internal/serialize.js:62); a string that starts so would become one. */
const BIGINT_PREFIX = ":bigint:";

/**
 * Checks that a DoFn's fields survive the SDK's serialisation, which every runner applies, the direct one too. It drops
 * or changes some values without a word; README.md lists what survives.
 *
 * @throws MigrationError E_BEAM_NOT_SERIALIZABLE, which names the first field at fault
 */
export function assertSerializable(doFn: object): void {
  const path = doFn.constructor.name;
  const found = findUnserializable(doFn, path, { registered: registeredValues(), seen: new Set(), values: 0 });
  if (found !== undefined) {
    throw new MigrationError(
      "E_BEAM_NOT_SERIALIZABLE",
      `${found.path} would not reach a worker as it is: ${found.reason}`,
    );
  }
}

interface Walk {
  readonly registered: ReadonlySet<unknown>;
  readonly seen: Set<object>;
  values: number;
}

interface Finding {
  readonly path: string;
  readonly reason: string;
}

function registeredValues(): ReadonlySet<unknown> {
  return new Set(registeredObjects.map(({ builtin }) => builtin as unknown));
}

function findUnserializable(value: unknown, path: string, walk: Walk): Finding | undefined {
  walk.values += 1;
  if (walk.values > MAX_VALUES) {
    return { path, reason: `more than ${MAX_VALUES} values; carry long lists as one JSON string.` };
  }
  switch (typeof value) {
    case "number":
      return primitiveFinding(path, isNumberKept(value), `the number ${Object.is(value, -0) ? "-0" : value} is lost.`);
    case "string":
      return primitiveFinding(
        path,
        !value.startsWith(BIGINT_PREFIX),
        `strings that start with "${BIGINT_PREFIX}" change.`,
      );
    case "symbol":
      return { path, reason: "symbols are lost." };
    case "function":
      return primitiveFinding(path, walk.registered.has(value), "register functions by registerForWorkers().");
    case "object":
      return value === null ? undefined : findInObject(value, path, walk);
    default:
      return undefined;
  }
}

function isNumberKept(value: number): boolean {
  return !Number.isNaN(value) && value !== Number.NEGATIVE_INFINITY && !Object.is(value, -0);
}

function primitiveFinding(path: string, isKept: boolean, reason: string): Finding | undefined {
  return isKept ? undefined : { path, reason };
}

function findInObject(value: object, path: string, walk: Walk): Finding | undefined {
  if (walk.seen.has(value) || walk.registered.has(value)) {
    return undefined;
  }
  walk.seen.add(value);
  if (Array.isArray(value)) {
    return findInArray(value, path, walk);
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return { path, reason: "an invalid date becomes 1970-01-01." };
  }
  if (value instanceof Date || value instanceof RegExp) {
    return Object.getOwnPropertyNames(value).every((name) => name === "lastIndex")
      ? undefined
      : { path, reason: "dates and regular expressions lose properties of their own." };
  }
  if (holdsInternalState(value)) {
    return {
      path,
      reason: `a ${value.constructor.name} loses what it holds; build it in startBundle() or use plain JSON.`,
    };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && !walk.registered.has(prototype)) {
    return { path, reason: `register its class by registerForWorkers() (${prototypeName(prototype)}).` };
  }
  return findInFields(value, path, walk);
}

/** Objects whose content is not in properties: their copy has the right prototype and nothing in it. */
function holdsInternalState(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isArrayBufferView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isBoxedPrimitive(value) ||
    types.isPromise(value) ||
    types.isProxy(value)
  );
}

function findInArray(values: readonly unknown[], path: string, walk: Walk): Finding | undefined {
  // Array methods skip holes, so the indices are asked for one by one.
  const isWhole = Array.from(values.keys()).every((index) => Object.hasOwn(values, index));
  if (!isWhole || Object.keys(values).length !== values.length) {
    return { path, reason: "arrays lose holes and properties of their own." };
  }
  return firstFinding(values, (value, index) => findUnserializable(value, `${path}[${index}]`, walk));
}

function findInFields(value: object, path: string, walk: Walk): Finding | undefined {
  if (Object.getOwnPropertySymbols(value).length > 0) {
    return { path, reason: "fields named by symbols are lost." };
  }
  return firstFinding(Object.entries(Object.getOwnPropertyDescriptors(value)), ([name, descriptor]) => {
    const fieldPath = `${path}.${name}`;
    // serialize-closures skips such names (serializedGraph.js:183); they are legal names of attributes.
    if (name.length > 2 && name.startsWith("__")) {
      return { path: fieldPath, reason: 'fields whose names start with "__" are lost; use a list of entries or JSON.' };
    }
    if (!("value" in descriptor && descriptor.enumerable)) {
      return { path: fieldPath, reason: "accessors and hidden fields change." };
    }
    return findUnserializable(descriptor.value, fieldPath, walk);
  });
}

function prototypeName(prototype: unknown): string {
  return (prototype as { constructor?: { name?: string } } | null)?.constructor?.name ?? "no prototype";
}

function firstFinding<T>(
  values: readonly T[],
  find: (value: T, index: number) => Finding | undefined,
): Finding | undefined {
  for (const [index, value] of values.entries()) {
    const found = find(value, index);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
