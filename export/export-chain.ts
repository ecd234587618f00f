import { MigrationError } from "../errors/migration-error";
import { openFolder } from "../storage/open-folder";
import { type IncrementalExport, openIncrementalExport } from "./incremental-export";
import { locateExports, severalExports } from "./locate-export";
import type { ManifestSummary } from "./manifest";
import { type ExportedTable, openFullExport, readManifests } from "./open-export";

/** A full export, if there is one, and the incremental exports that follow on it. */
export interface ExportChain {
  readonly full: ExportedTable | undefined;
  /** By the begin of their windows. */
  readonly incrementals: readonly IncrementalExport[];
  /** What keeps the chain from proving the whole state of the table at its end; one sentence each. */
  readonly unproven: readonly string[];
}

/**
 * Opens all exports that a folder is, holds or lies above, and puts them in order.
 *
 * A chain proves the table's state at its end if each export begins exactly where the one before ended. A gap would leave
 * changes out. An overlap leaves none out, but may leave a row too many: an item that is put in the overlap and deleted
 * after it has come and gone within the later window, which has therefore no line of it.
 *
 * @param fullExportTime when the full export was made that the tables were loaded from before, RFC 3339
 * @throws MigrationError E_EXPORT_…, E_STORAGE_…
 */
export async function openExportChain(url: string, fullExportTime: string | undefined): Promise<ExportChain> {
  const folder = openFolder(url);
  const folders = await locateExports(folder);
  const fulls: ExportedTable[] = [];
  const incrementals: IncrementalExport[] = [];
  for (const each of folders) {
    const manifests = await readManifests(each, ["FULL_EXPORT", "INCREMENTAL_EXPORT"]);
    if (manifests.summary.exportType === "INCREMENTAL_EXPORT")
      incrementals.push(await openIncrementalExport(manifests));
    else fulls.push(openFullExport(manifests));
  }
  if (fulls.length > 1) throw severalExports(folder, folders);
  return chainOf(fulls[0], incrementals, fullExportTime);
}

/** @throws MigrationError E_EXPORT_CHAIN_…, E_EXPORT_BASE_UNKNOWN */
export function chainOf(
  full: ExportedTable | undefined,
  given: readonly IncrementalExport[],
  fullExportTime: string | undefined,
): ExportChain {
  const incrementals = given.toSorted((left, right) => left.from - right.from || left.to - right.to);
  const [first] = incrementals;
  if (first === undefined) return { full, incrementals, unproven: [] };
  requireOneTable([...(full === undefined ? [] : [full]), ...incrementals]);

  const base = Date.parse(full?.summary?.exportTime ?? fullExportTime ?? "");
  if (!Number.isFinite(base)) {
    throw new MigrationError(
      "E_EXPORT_BASE_UNKNOWN",
      full === undefined
        ? `${first.url} is incremental, and the full export before it is not there`
        : `${full.url} does not say when it was made (exportTime)`,
    );
  }
  const unproven: string[] = [];
  if (full === undefined) {
    unproven.push(
      `What changed before ${iso(first.from)} is not in these exports: the tables must hold it already, from the full export of ${iso(base)} and the stream`,
    );
  }
  let end = base;
  let before = full?.url ?? "the full export that was loaded";
  for (const { url, from, to } of incrementals) {
    if (to <= base) {
      throw new MigrationError(
        "E_EXPORT_CHAIN_OLDER",
        `${url} ends at ${iso(to)}, before the full export was made at ${iso(base)}`,
      );
    }
    const isFirst = url === first.url;
    if (from > end && !(isFirst && full === undefined)) {
      throw new MigrationError(
        "E_EXPORT_CHAIN_GAP",
        `no export holds the changes from ${iso(end)} (end of ${before}) to ${iso(from)} (begin of ${url})`,
      );
    }
    if (from < end) {
      unproven.push(
        `${url} begins at ${iso(from)}, before ${iso(end)}, the end of ${before}: an item put between the two and deleted later has no line, and its row may have stayed`,
      );
    }
    end = Math.max(end, to);
    before = url;
  }
  return { full, incrementals, unproven };
}

function requireOneTable(exports: readonly ExportedTable[]): void {
  const tableOf = ({ summary }: { summary?: ManifestSummary }) => summary?.tableId ?? summary?.tableArn ?? "";
  const [first, ...others] = exports;
  const other = others.find((each) => first !== undefined && tableOf(each) !== tableOf(first));
  if (first === undefined || other === undefined) return;
  throw new MigrationError(
    "E_EXPORT_CHAIN_TABLE",
    `${first.url} is of ${first.summary?.tableArn}, ${other.url} of ${other.summary?.tableArn}`,
    { details: [first, other].map(({ url, summary }) => `${url}: table id ${summary?.tableId}`) },
  );
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
