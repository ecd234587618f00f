import { exportIdOf, type WrittenExport, writeExport } from "../export-writer";
import { type ItemSetName, itemSets, pagesOf } from "./item-set";

export interface FakeExportOptions {
  readonly set: ItemSetName;
  readonly items: number;
  readonly seed: number;
  /** Number of data files. */
  readonly files: number;
  /** The folder in which `AWSDynamoDB/<exportId>` is made. */
  readonly folder: string;
  readonly onItems?: (count: number) => void;
}

/** Fixed, so that the same options give the same files to the byte. */
const exportTime = new Date("2024-01-02T03:04:05.678Z");
const minutes = 60_000;

/** Writes an export of made-up items. */
export function writeFakeExport(options: FakeExportOptions): Promise<WrittenExport> {
  const { set: name, items: total, seed, files, folder, onItems } = options;
  const set = itemSets[name];
  const dataFiles = rangesOf(total, files, set.groupSize).map((range) => pagesOf(set, { ...range, total, seed }));
  return writeExport({
    folder,
    table: set.table,
    exportId: exportIdOf(exportTime, JSON.stringify([name, total, seed, files])),
    startTime: exportTime,
    exportTime,
    endTime: () => new Date(exportTime.getTime() + 5 * minutes),
    dataFiles,
    ...(onItems === undefined ? {} : { onItems }),
  });
}

/** Cuts `total` items into `count` ranges of about the same length, never within a group; some may be empty. */
export function rangesOf(
  total: number,
  count: number,
  groupSize: number,
): readonly { readonly from: number; readonly to: number }[] {
  const groups = Math.ceil(total / groupSize);
  const start = (range: number) => Math.min(Math.floor((groups * range) / count) * groupSize, total);
  return Array.from({ length: count }, (_, range) => ({ from: start(range), to: start(range + 1) }));
}
