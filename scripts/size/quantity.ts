const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

/**
 * Reads a number of things or bytes as people write it: `1000000`, `1_000_000`, `1,000,000`, `1.5e9`, `250M`, `1TB`,
 * `1 TiB`. Undefined for anything else, and for what is less than 1.
 */
export function parseQuantity(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^\s*([\d_,]*\.?\d+(?:e\d+)?)\s*([kmgt]i?)?b?\s*$/i.exec(text) ?? [];
  const value = Number(digits.replaceAll(/[_,]/g, "")) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  return digits !== "" && value >= 1 && Number.isFinite(value) ? value : undefined;
}

/** `1.2 TB`, with units of 1,000. */
export function formatBytes(bytes: number): string {
  const step = Math.min(4, Math.max(0, Math.floor(Math.log10(bytes) / 3)));
  return `${trimmed(bytes / 1000 ** step)} ${["bytes", "kB", "MB", "GB", "TB"][step]}`;
}

function trimmed(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
