import "apache-beam";
import { VarIntCoder } from "apache-beam/coders/standard_coders";

/** What protobufjs reads as an int64: a Long, where it has found the package `long`. */
interface LongLike {
  toNumber(): number;
}

/**
 * Beam's varint is an int64 (`beam:coder:varint:v1`), the SDK's an int32 (coders/standard_coders.js:114): counters and
 * keys from 2^31 on wrap around without a word. With this patch every safe integer is exact and anything else an error.
 */
export function installVarIntCoder(): void {
  VarIntCoder.prototype.encode = (element, writer): void => {
    assertSafe(element);
    writer.int64(element);
  };
  VarIntCoder.prototype.decode = (reader): number => {
    const decoded = reader.int64() as unknown as number | LongLike;
    const value = typeof decoded === "number" ? decoded : decoded.toNumber();
    assertSafe(value);
    return value;
  };
}

function assertSafe(value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Not an integer that JavaScript holds exactly: ${value}`);
  }
}
