const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * True for standard base64 (RFC 4648, section 4) with padding and without stray bits in its last character: exactly
 * one text for each sequence of bytes, so that equal texts mean equal bytes.
 */
export function isCanonicalBase64(text: string): boolean {
  if (text.length % 4 !== 0 || !ALPHABET.test(text)) return false;
  if (!text.endsWith("=")) return true;
  // With padding, the last character carries two (one `=`) or four (`==`) bits that belong to no byte.
  const tail = text.slice(-4);
  return Buffer.from(tail, "base64").toString("base64") === tail;
}

/** Number of bytes that canonical base64 stands for. */
export function base64ByteLength(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** Order by the bytes that two canonical base64 texts stand for. */
export function compareBase64(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "base64"), Buffer.from(b, "base64"));
}
