/** Numbers of attributes by their names, for names that lie in a line. A table of chains: no name becomes a string. */
export class AttributeNames {
  private readonly names: readonly Uint8Array[];
  /** First number of each chain, and the number after each; -1 ends a chain. */
  private readonly heads = new Int32Array(256).fill(-1);
  private readonly nexts: Int32Array;

  /** @param names all different */
  constructor(names: readonly string[]) {
    this.names = names.map((name) => Buffer.from(name));
    this.nexts = new Int32Array(names.length);
    for (const [number, name] of this.names.entries()) {
      const chain = chainOf(name, 0, name.length);
      this.nexts[number] = this.heads[chain] as number;
      this.heads[chain] = number;
    }
  }

  /** The number of the name that lies from `start` up to `end`; -1 if it is none of them. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let number = this.heads[chainOf(bytes, start, end)] as number;
    while (number !== -1 && !isName(this.names[number] as Uint8Array, bytes, start, end)) {
      number = this.nexts[number] as number;
    }
    return number;
  }
}

function chainOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const middle = (start + end) >>> 1;
  return (
    ((end - start) * 31 + (bytes[start] as number) * 7 + (bytes[middle] as number) * 3 + (bytes[end - 1] as number)) &
    255
  );
}

function isName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) {
    if (name[at] !== bytes[start + at]) return false;
  }
  return true;
}
