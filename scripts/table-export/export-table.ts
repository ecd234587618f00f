import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { scanSegment } from "../../dynamodb/scan-segment";
import { exportIdOf, type WrittenExport, writeExport } from "../export-writer";

export interface TableExportOptions {
  readonly table: string;
  /** The folder in which `AWSDynamoDB/<exportId>` is made. */
  readonly folder: string;
  /** Parts of the table that are read at the same time, each into a data file of its own. */
  readonly segments?: number;
  readonly onItems?: (count: number) => void;
}

const defaultSegments = 4;

/**
 * Writes an export of a live table by a parallel scan, for tables that DynamoDB can't export itself (DynamoDB Local).
 *
 * Other than DynamoDB's export it does not show the table at one moment: a change made during the scan is in it or not.
 * It does hold every item that was there before the scan and was not changed since; with a stream that is older than
 * the scan, a migration needs no more.
 *
 * @throws MigrationError E_STORAGE_UNWRITABLE, E_TABLE_REQUEST; the AWS SDK's own errors.
 */
export async function exportTable(client: DynamoDBClient, options: TableExportOptions): Promise<WrittenExport> {
  const { table, folder, segments = defaultSegments, onItems } = options;
  const startTime = new Date();
  return writeExport({
    folder,
    table,
    exportId: exportIdOf(startTime, table),
    startTime,
    // Nothing in the export is older than this.
    exportTime: startTime,
    endTime: () => new Date(),
    dataFiles: Array.from({ length: segments }, (_, segment) => scanSegment(client, { table, segment, segments })),
    ...(onItems === undefined ? {} : { onItems }),
  });
}
