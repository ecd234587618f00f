import { describeTable } from "../dynamodb/describe-table";
import { dynamoDbClient } from "../dynamodb/dynamodb-client";
import { describeTableError } from "../dynamodb/table-error";
import { MigrationError } from "../errors/migration-error";
import { type ExportedTable, openExport, openWithoutManifest } from "../export/open-export";
import type { SourceKey } from "../schema/profile/item-profile";
import type { IndexOfSource } from "../schema/profile/propose-indexes";
import type { ProfileSource } from "./profile";
import type { ProfileArguments } from "./profile-command";
import { findKey } from "./profile-key";

/** What is profiled, and what is known of it beforehand. */
export interface ProfileInput {
  /** Address of the export, or the table's name. */
  readonly name: string;
  readonly table: string;
  readonly key: SourceKey;
  readonly source: ProfileSource;
  /** Items that there are to read, where that is known. */
  readonly expected: number | undefined;
  /** Not all items are read. */
  readonly sampled: boolean;
  readonly indexes?: readonly IndexOfSource[];
  readonly timeToLive?: string;
}

const TABLE_SAMPLE = 10_000;

/** @throws MigrationError E_USAGE, E_EXPORT_…, E_STORAGE_…, E_TABLE_REQUEST, E_PROFILE_KEY */
export async function openInput(argv: ProfileArguments): Promise<ProfileInput> {
  const { input, sourceTable, sample } = argv;
  if (sample !== undefined && !(Number.isSafeInteger(sample) && sample >= 1)) {
    throw new MigrationError("E_USAGE", "--sample takes an integer of at least 1");
  }
  if ((input === undefined) === (sourceTable === undefined)) {
    throw new MigrationError("E_USAGE", "Name one source: --input for an export, or --source-table for a live table");
  }
  return sourceTable === undefined ? openExportInput(argv, input ?? "") : openTableInput(argv, sourceTable);
}

async function openExportInput(argv: ProfileArguments, input: string): Promise<ProfileInput> {
  const exported = argv.manifest ? await openExport(input) : await openWithoutManifest(input);
  const table = argv.table ?? tableOf(exported);
  const { sample } = argv;
  const total = exported.summary?.itemCount;
  const expected = sample === undefined || total === undefined ? (sample ?? total) : Math.min(sample, total);
  return {
    name: exported.url,
    table,
    key: await findKey(argv, table, exported.dataFiles),
    source: { kind: "export", files: exported.dataFiles, sample },
    expected,
    sampled: sample !== undefined && (total === undefined || sample < total),
  };
}

async function openTableInput(argv: ProfileArguments, table: string): Promise<ProfileInput> {
  const client = dynamoDbClient();
  try {
    const { partitionKey, sortKey, ...rest } = await describeTable(client, table);
    const items = argv.sample ?? TABLE_SAMPLE;
    const segments = Math.min(argv.scanSegments, items);
    const share = Math.ceil(items / segments);
    return {
      name: `the table ${table}`,
      table,
      key: { partitionKey, ...(sortKey === undefined ? {} : { sortKey }) },
      source: {
        kind: "table",
        segments: Array.from({ length: segments }, (_, segment) => ({ table, segment, segments, items: share })),
      },
      expected: undefined,
      sampled: true,
      ...rest,
    };
  } catch (error) {
    throw describeTableError(error, table);
  } finally {
    client.destroy();
  }
}

function tableOf({ summary }: ExportedTable): string {
  const [, name] = /:table\/([^/]+)/.exec(summary?.tableArn ?? summary?.exportArn ?? "") ?? [];
  if (name !== undefined) return name;
  throw new MigrationError("E_USAGE", "the export does not name its table: say it with --table");
}
