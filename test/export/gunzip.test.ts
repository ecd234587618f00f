import { gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import { gunzipWithNodeZlib } from "../../export/gunzip-node-zlib";
import { gunzipWithZlibSync } from "../../export/gunzip-zlib-sync";
import { expectFailure } from "./failure";

const FILE = "folder/data/a.json.gz";
/** Small, but with a stored, a fixed and a dynamic block's worth of text. */
const TEXT = Buffer.from(
  Array.from({ length: 40 }, (_, index) => `{"Item":{"Id":{"N":"${index * 7919}"}}}\n`).join(""),
);
const MEMBER = gzipSync(TEXT);
const EMPTY_MEMBER = gzipSync("");

type Gunzip = (packed: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
const engines: Readonly<Record<string, Gunzip>> = {
  "zlib-sync": (packed) => gunzipWithZlibSync(packed, FILE, { left: Number.POSITIVE_INFINITY }),
  "node:zlib": (packed) => gunzipWithNodeZlib(packed, FILE),
};

for (const [name, engine] of Object.entries(engines)) {
  describe(`gunzip by ${name}`, () => {
    it("inflates one member, in chunks of any size", async () => {
      for (const size of [1, 2, 3, 4, 7, 64, MEMBER.length - 1, MEMBER.length]) {
        expect((await inflate(engine, MEMBER, size)).equals(TEXT), `chunks of ${size}`).to.equal(true);
      }
    });

    it("takes a 20-byte file of an empty partition", async () => {
      expect(EMPTY_MEMBER.length).to.equal(20);
      expect((await inflate(engine, EMPTY_MEMBER)).length).to.equal(0);
    });

    it("follows the members of a file, wherever chunks are cut", async () => {
      const packed = Buffer.concat([MEMBER, EMPTY_MEMBER, EMPTY_MEMBER, gzipSync("x"), MEMBER]);
      const text = Buffer.concat([TEXT, Buffer.from("x"), TEXT]);
      for (let size = 1; size <= 60; size++) {
        expect((await inflate(engine, packed, size)).equals(text), `chunks of ${size}`).to.equal(true);
      }
    });

    it("is not misled by the beginning of a member inside the data", async () => {
      // Level 0 stores the text as it is: the packed bytes hold what looks like members, even whole ones.
      const text = Buffer.concat([
        Buffer.from([0x1f, 0x8b, 0x08]),
        MEMBER,
        Buffer.from([0x1f, 0x8b, 0x08, 0x1f, 0x8b]),
      ]);
      const stored = gzipSync(text, { level: 0 });
      for (let size = 1; size <= stored.length; size++) {
        expect(
          (await inflate(engine, Buffer.concat([stored, stored]), size)).equals(Buffer.concat([text, text])),
        ).to.equal(true);
      }
    });

    it("refuses a file that ends early, at every byte", async () => {
      const packed = Buffer.concat([MEMBER, EMPTY_MEMBER]);
      for (let end = 0; end < packed.length; end++) {
        if (end !== MEMBER.length) {
          const error = await failure(engine, packed.subarray(0, end), 16);
          // After one or two bytes of its header, the second member may as well be something else.
          const known = end - MEMBER.length === 1 || end - MEMBER.length === 2;
          expect(error.code, `cut at ${end}`).to.be.oneOf([
            "E_EXPORT_FILE_TRUNCATED",
            ...(known ? ["E_EXPORT_FILE_ALTERED"] : []),
          ]);
          expect(error.message).to.contain(FILE);
        }
      }
    });

    it("gives out all that a truncated file still holds before it fails", async () => {
      const chunks: Buffer[] = [];
      await expectFailure(
        async () => {
          for await (const chunk of engine(cut(MEMBER.subarray(0, -4), 64))) {
            chunks.push(chunk);
          }
        },
        "E_EXPORT_FILE_TRUNCATED",
        /a\.json\.gz/,
      );
      expect(Buffer.concat(chunks).equals(TEXT)).to.equal(true);
    });

    it("never takes a file with one bit flipped for another text", async () => {
      for (const [index, byte] of MEMBER.entries()) {
        const altered = Buffer.from(MEMBER);
        altered[index] = byte ^ (1 << (index % 8));
        let text: Buffer | undefined;
        try {
          text = await inflate(engine, altered, 32);
        } catch (error) {
          expect((error as MigrationError).code).to.be.oneOf(["E_EXPORT_FILE_ALTERED", "E_EXPORT_FILE_TRUNCATED"]);
        }
        // Some bits mean nothing (time of writing, padding): the text may come out, but only the same.
        expect(text === undefined || text.equals(TEXT), `byte ${index}`).to.equal(true);
      }
    });

    it("checks the CRC-32 and the length", async () => {
      for (const fromEnd of [8, 4]) {
        const altered = Buffer.from(MEMBER);
        altered[altered.length - fromEnd] = (altered[altered.length - fromEnd] ?? 0) ^ 0xff;
        expect((await failure(engine, altered)).code).to.equal("E_EXPORT_FILE_ALTERED");
      }
    });

    it("refuses anything after the last member", async () => {
      const tails = ["\0", "\n", "junk", "\0".repeat(512), "\x1f\x8c", TEXT.toString()].map((tail) =>
        Buffer.from(tail, "latin1"),
      );
      for (const tail of tails) {
        for (const size of [1, 16, 1 << 20]) {
          const error = await failure(engine, Buffer.concat([MEMBER, tail]), size);
          // node:zlib waits for more where one byte might begin another member.
          const also = name === "node:zlib" && tail.length === 1 ? ["E_EXPORT_FILE_TRUNCATED"] : [];
          expect(error.code).to.be.oneOf(["E_EXPORT_FILE_ALTERED", ...also]);
        }
      }
    });

    it("refuses what is no gzip file", async () => {
      for (const text of ["{}\n", "PK\x03\x04", "\x1f\x8b\x09\0\0\0\0\0\0\0"]) {
        expect((await failure(engine, Buffer.from(text, "latin1").subarray())).code).to.equal("E_EXPORT_FILE_ALTERED");
      }
      expect((await failure(engine, Buffer.alloc(0))).code).to.equal("E_EXPORT_FILE_TRUNCATED");
    });

    it("inflates the most compressible text there is, piece by piece", async () => {
      const text = Buffer.alloc(40_000_000, "a");
      let bytes = 0;
      let largest = 0;
      for await (const chunk of engine(cut(gzipSync(text), 256 * 1024))) {
        bytes += chunk.length;
        largest = Math.max(largest, chunk.length);
      }
      expect(bytes).to.equal(text.length);
      expect(largest).to.be.at.most(34_000_000);
    });

    it("loses nothing where the output fills a buffer exactly", async () => {
      for (const bytes of [256 * 1024, 512 * 1024, 1024 * 1024]) {
        for (const more of [-1, 0, 1]) {
          const text = Buffer.alloc(bytes + more, "ab");
          const packed = gzipSync(text);
          for (const size of [packed.length, packed.length - 8, packed.length - 9]) {
            expect((await inflate(engine, packed, size)).equals(text)).to.equal(true);
          }
        }
      }
    });

    it("gives back any text, in any split into members and chunks", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ text: fc.uint8Array({ maxLength: 400 }), level: fc.integer({ min: 0, max: 9 }) }), {
            minLength: 1,
            maxLength: 6,
          }),
          fc.integer({ min: 1, max: 300 }),
          async (members, size) => {
            const packed = Buffer.concat(members.map(({ text, level }) => gzipSync(text, { level })));
            const text = Buffer.concat(members.map((member) => member.text));
            expect((await inflate(engine, packed, size)).equals(text)).to.equal(true);
          },
        ),
        { numRuns: 150 },
      );
    });

    it("closes its source when its reader leaves", async () => {
      let closed = false;
      async function* source(): AsyncGenerator<Buffer> {
        try {
          yield* cut(MEMBER, 64);
        } finally {
          closed = true;
        }
      }
      for await (const _ of engine(source())) {
        break;
      }
      expect(closed).to.equal(true);
    });
  });
}

describe("gunzip by zlib-sync, when its leak has used up what it may", () => {
  it("goes over to node:zlib, also in the middle of a file", async () => {
    const members = Array.from({ length: 50 }, (_, index) => gzipSync(`line ${index}\n`));
    const text = members.map((_, index) => `line ${index}\n`).join("");
    for (const size of [1, 10, 999]) {
      const budget = { left: 20 };
      const limited: Gunzip = (packed) => gunzipWithZlibSync(packed, FILE, budget);
      expect((await inflate(limited, Buffer.concat(members), size)).toString()).to.equal(text);
      expect(budget.left).to.equal(0);
      expect((await inflate(limited, MEMBER)).equals(TEXT)).to.equal(true);
      expect((await failure(limited, MEMBER.subarray(0, -1))).code).to.equal("E_EXPORT_FILE_TRUNCATED");
      expect(budget.left).to.equal(0);
    }
  });
});

async function inflate(engine: Gunzip, packed: Buffer, size = 1 << 16): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of engine(cut(packed, size))) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function failure(engine: Gunzip, packed: Buffer, size?: number): Promise<MigrationError> {
  try {
    await inflate(engine, packed, size);
  } catch (error) {
    if (error instanceof MigrationError) {
      return error;
    }
    throw error;
  }
  throw new Error("expected a failure");
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}
