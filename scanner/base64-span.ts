const PADDING = 0x3d;

/** Value of each character, plus one; 0 for what is none. */
const sextets = (() => {
  const values = new Uint8Array(256);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let index = 0; index < alphabet.length; index++) values[alphabet.charCodeAt(index)] = index + 1;
  return values;
})();

/**
 * How many bytes the base64 text in a line stands for; -1 unless it is canonical: padded, and without stray bits in its
 * last character, as `isCanonicalBase64` wants it.
 */
export function base64Length(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length % 4 !== 0) return -1;
  if (length === 0) return 0;
  const padding = bytes[end - 1] !== PADDING ? 0 : bytes[end - 2] !== PADDING ? 1 : 2;
  const textEnd = end - padding;
  for (let at = start; at < textEnd; at++) {
    if (sextets[bytes[at] as number] === 0) return -1;
  }
  const last = (sextets[bytes[textEnd - 1] as number] as number) - 1;
  if (padding > 0 && (last & (padding === 1 ? 3 : 15)) !== 0) return -1;
  return (length / 4) * 3 - padding;
}
