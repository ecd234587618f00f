import { expect } from "chai";
import fc from "fast-check";
import type { WireValue } from "../../schema/wire-value";
import { encodeCommitRequest } from "../../spanner/commit-request";
import { encodeKeySet, encodeMutations } from "../../spanner/encode-mutations";
import type { StoreMutation } from "../../spanner/versioned-store";
import { decodeRequest, encodeWithProtos, toProto } from "./encoded";

const session = "projects/p/instances/i/databases/d/sessions/s";

/** What Spanner reads, one mutation a row: the official client's form of `insert_or_update` and `delete`. */
interface ReadMutation {
  readonly insertOrUpdate?: { readonly table: string; readonly columns: string[]; readonly values: unknown[] };
  readonly delete?: { readonly table: string; readonly keySet: { readonly keys: unknown[] } };
}

function mutationsOf(request: Buffer): readonly ReadMutation[] {
  return (decodeRequest(request)["mutations"] ?? []) as ReadMutation[];
}

function singleRows(mutations: readonly ReadMutation[]): readonly ReadMutation[] {
  return mutations.flatMap(({ insertOrUpdate: write, delete: gone }): readonly ReadMutation[] => {
    if (write !== undefined) return write.values.map((row) => ({ insertOrUpdate: { ...write, values: [row] } }));
    return (gone?.keySet.keys ?? []).map((key) => ({ delete: { table: gone?.table ?? "", keySet: { keys: [key] } } }));
  });
}

const value: fc.Arbitrary<WireValue> = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.array(fc.string()),
);
const table = fc.constantFrom("Parents", "Lines");
const mutation: fc.Arbitrary<StoreMutation> = fc.oneof(
  fc.record({ table, key: fc.tuple(value, value) }).map((parts) => ({ kind: "delete" as const, ...parts })),
  fc
    .record({ table, columns: fc.constantFrom(["A", "B"], ["A", "C"]), values: fc.tuple(value, value) })
    .map((parts) => ({
      kind: "write" as const,
      ...parts,
    })),
);

describe("encodeMutations", () => {
  it("says, row for row and in their order, what one mutation for each row would say", () => {
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 12 }), (mutations) => {
        const ours = encodeCommitRequest(session, { kind: "singleUse" }, encodeMutations(mutations));
        const theirs = encodeWithProtos({
          mutations: mutations.map((each) => {
            if (each.kind === "delete") {
              return { delete: { table: each.table, keySet: { keys: [{ values: each.key.map(toProto) }] } } };
            }
            const values = [{ values: each.values.map(toProto) }];
            return { insertOrUpdate: { table: each.table, columns: [...each.columns], values } };
          }),
        });
        expect(singleRows(mutationsOf(ours))).to.deep.equal(singleRows(mutationsOf(theirs)));
      }),
      { numRuns: 500 },
    );
  });

  it("makes one of neighbours that are alike, and of no others", () => {
    const write = (name: string, columns: readonly string[]): StoreMutation => ({
      kind: "write",
      table: name,
      columns,
      values: columns,
    });
    const gone: StoreMutation = { kind: "delete", table: "Lines", key: ["a"] };
    const encoded = encodeMutations([
      gone,
      gone,
      write("Lines", ["A", "B"]),
      write("Lines", ["A", "B"]),
      write("Lines", ["A", "C"]),
      write("Parents", ["A", "C"]),
      gone,
    ]);
    expect(encoded.map(({ operation, target, to }) => [operation, target.table, to])).to.deep.equal([
      ["delete", "Lines", 2],
      ["insertOrUpdate", "Lines", 2],
      ["insertOrUpdate", "Lines", 1],
      ["insertOrUpdate", "Parents", 1],
      ["delete", "Lines", 1],
    ]);
    expect(encodeMutations([])).to.deep.equal([]);
    expect(encodeKeySet([]).length).to.equal(0);
  });
});
