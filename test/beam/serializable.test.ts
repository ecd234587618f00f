import "apache-beam";
import { deserializeFn, serializeFn } from "apache-beam/internal/serialize";
import { expect } from "chai";
import fc from "fast-check";
import { assertSerializable } from "../../beam/serializable";
import { registerForWorkers } from "../../beam/worker-module";
import { MigrationError } from "../../errors/migration-error";

class Step {
  constructor(readonly config: unknown) {}

  process(): unknown {
    return this.config;
  }
}

class Hidden {
  readonly #secret = 1;

  process(): number {
    return this.#secret;
  }
}

class Unregistered {
  process(): void {}
}

function parse(text: string): number {
  return Number(text);
}

registerForWorkers("test/beam/serializable.test", { Step, Hidden, parse });

function problem(doFn: object): string | undefined {
  try {
    assertSerializable(doFn);
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(MigrationError).with.property("code", "E_BEAM_NOT_SERIALIZABLE");
    return (error as MigrationError).message;
  }
}

function copyOf(doFn: Step): Step {
  return deserializeFn(serializeFn({ doFn })).doFn as Step;
}

describe("assertSerializable", () => {
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ["a Buffer", { key: Buffer.from("a") }, /^Step\.config\.key would not reach a worker as it is: .*Buffer/],
    ["bytes", [Uint8Array.of(1)], /^Step\.config\[0\] .*Uint8Array/],
    ["a Set", new Set([1]), /^Step\.config .*Set/],
    ["a Map", new Map(), /^Step\.config .*Map/],
    ["NaN", { limit: Number.NaN }, /^Step\.config\.limit .*NaN/],
    ["-Infinity", Number.NEGATIVE_INFINITY, /-Infinity/],
    ["minus zero", -0, /-0/],
    ["a name that starts with two underscores", { columns: { __typename: 1 } }, /^Step\.config\.columns\.__typename /],
    ["a field called __proto__", JSON.parse('{"__proto__":1}'), /^Step\.config\.__proto__ /],
    ["a string that looks like the SDK's bigint", [":bigint:7"], /^Step\.config\[0\] /],
    ["a closure", () => 1, /registerForWorkers/],
    ["an object of a class that workers do not know", new Unregistered(), /Unregistered/],
    ["an object without prototype", Object.create(null), /no prototype/],
    ["a symbol", Symbol("a"), /symbols/],
    ["a field named by a symbol", { [Symbol("a")]: 1 }, /symbols/],
    ["a hole", new Array(1), /holes/],
    ["a hole among properties", Object.assign(new Array(1), { name: 1 }), /holes/],
    ["an invalid date", { when: new Date(Number.NaN) }, /Step\.config\.when .*1970/],
    ["a boxed number", Object(1), /Number/],
    ["an accessor", Object.defineProperty({}, "a", { get: () => 1, enumerable: true }), /accessors/],
    ["too many values", Array.from({ length: 20_000 }, (_, index) => index), /one JSON string/],
  ];
  for (const [name, config, message] of refused) {
    it(`refuses ${name}`, () => {
      expect(problem(new Step(config))).to.match(message);
    });
  }

  it("refuses a step whose own class workers do not know", () => {
    expect(problem(new Unregistered())).to.match(/^Unregistered would not .*registerForWorkers/);
  });

  it("accepts registered functions and objects that refer to each other", () => {
    const config: Record<string, unknown> = { parse, when: new Date(0), pattern: /a+/g, limit: 12n, none: undefined };
    config["self"] = config;
    expect(problem(new Step(config))).to.equal(undefined);
    const copy = copyOf(new Step(config));
    expect(copy.config).to.deep.equal(config);
    expect(copy).to.be.instanceOf(Step);
  });

  it("accepts only what arrives unchanged", () => {
    const value = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    const risky = fc.oneof(
      value,
      fc.string().map((text) => `:bigint:${text}`),
      fc.dictionary(
        fc.string().map((text) => `__${text}`),
        fc.anything(),
      ),
      fc.date(),
      value.map((inner) => Object.freeze([inner, { inner }])),
    );
    let accepted = 0;
    fc.assert(
      fc.property(risky, (config) => {
        fc.pre(problem(new Step(config)) === undefined);
        accepted += 1;
        expect(copyOf(new Step(config)).config).to.deep.equal(config);
      }),
      { numRuns: 300 },
    );
    expect(accepted).to.equal(300);
  });

  it("cannot see private fields: they are lost, which the step's first use shows", () => {
    expect(problem(new Hidden())).to.equal(undefined);
    const copy = deserializeFn(serializeFn({ doFn: new Hidden() })).doFn as Hidden;
    expect(() => copy.process()).to.throw(TypeError);
  });
});
