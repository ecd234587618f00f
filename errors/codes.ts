/** How a command ends when this error ends it; see the exit codes in the README. */
export type FailureExitCode = 1 | 2 | 4;

/** One entry of the catalogue: what happened and what to do, in the words of the user's work. */
export interface ErrorDescription {
  readonly meaning: string;
  readonly remedy: string;
  /** Absent for codes that only ever mark a dead letter: they do not end a command by themselves. */
  readonly exitCode?: FailureExitCode;
}

/**
 * Every error that a user can meet. Codes are stable: scripts and dead letters refer to them.
 * `docs/errors.md` is generated from this file.
 */
export const errorCatalogue = {
  // --- command line -------------------------------------------------------------------------------------------------
  E_USAGE: {
    meaning: "The command line or the configuration file is not valid.",
    remedy: "Read the message, then `dynamodb-to-spanner <command> --help`.",
    exitCode: 2,
  },
  E_INTERNAL: {
    meaning: "An error that this program did not foresee.",
    remedy: "Run again with --log-level debug and report the output; nothing that was committed is lost.",
    exitCode: 1,
  },
  E_INTERRUPTED: {
    meaning: "The command was stopped by a signal before it had finished.",
    remedy: "Run the same command again: what is not finished is done again, with the same values.",
    exitCode: 1,
  },
  E_SUMMARY_UNWRITABLE: {
    meaning: "The file named by --summary can't be written.",
    remedy: "Name a file in a folder that exists and may be written to.",
    exitCode: 1,
  },
  E_MAPPING_UNREADABLE: {
    meaning: "The file named by --mapping can't be read.",
    remedy: "Check the path; docs/mapping.md shows how a mapping looks.",
    exitCode: 2,
  },
  E_CONFIG_INVALID: {
    meaning: "The file named by --config can't be read as JSON or YAML.",
    remedy: "Mend the line that the message names; the file maps option names to values.",
    exitCode: 2,
  },
  E_ACCOUNTING: {
    meaning: "The counts of the run do not add up: some items have no outcome, more than one, or were not read.",
    remedy: "Do not cut over. Run the load again; if it repeats, report it together with the --summary file.",
    exitCode: 4,
  },
  // --- DynamoDB items (schema/) -------------------------------------------------------------------------------------
  E_ITEM_NOT_AN_OBJECT: {
    meaning: "An item, an attribute's value or a Map is not a JSON object.",
    remedy: "The file is not a DynamoDB export in DynamoDB JSON, or was altered: export it again.",
  },
  E_ITEM_NO_TYPE: {
    meaning: "An attribute's value carries no type: it is an empty object.",
    remedy: "The file is not a DynamoDB export in DynamoDB JSON, or was altered: export it again.",
  },
  E_ITEM_UNKNOWN_TYPE: {
    meaning: "An attribute's value carries a type that DynamoDB does not have.",
    remedy: "DynamoDB's types are S, N, B, BOOL, NULL, M, L, SS, NS and BS. Check what wrote this item.",
  },
  E_ITEM_SEVERAL_TYPES: {
    meaning: "An attribute's value carries more than one type.",
    remedy: "DynamoDB writes exactly one type for each value. Check what wrote this item.",
  },
  E_ITEM_WRONG_JSON_TYPE: {
    meaning: "An attribute's content does not have the JSON type that its DynamoDB type asks for.",
    remedy:
      "S, N and B hold JSON strings, BOOL a JSON boolean, L and the sets JSON arrays. Check what wrote this item.",
  },
  E_ITEM_NOT_A_NUMBER: {
    meaning: "The text of a Number (N or NS) is not a decimal number.",
    remedy: "Check what wrote this item: DynamoDB stores no such number.",
  },
  E_ITEM_NUMBER_PRECISION: {
    meaning: "A Number (N or NS) has more than 38 significant digits.",
    remedy: "Check what wrote this item: DynamoDB stores no such number.",
  },
  E_ITEM_NUMBER_RANGE: {
    meaning: "A Number's magnitude lies outside 1E-130 to 9.99…E+125.",
    remedy: "Check what wrote this item: DynamoDB stores no such number.",
  },
  E_ITEM_NOT_BASE64: {
    meaning: "The text of a Binary (B or BS) is not standard base64 with padding.",
    remedy: "Check what wrote this item: DynamoDB writes canonical base64 only.",
  },
  E_ITEM_EMPTY_SET: {
    meaning: "A set (SS, NS or BS) is empty.",
    remedy: "Check what wrote this item: DynamoDB stores no empty set.",
  },
  E_ITEM_DUPLICATE_IN_SET: {
    meaning: "A set (SS, NS or BS) holds one value twice.",
    remedy: "Check what wrote this item: the values of a DynamoDB set are unique.",
  },
  E_ITEM_NULL_NOT_TRUE: {
    meaning: "A Null (NULL) holds something other than true.",
    remedy: 'Check what wrote this item: DynamoDB writes {"NULL": true} only.',
  },
  E_ITEM_NESTED_TOO_DEEPLY: {
    meaning: "Maps and Lists are nested in more than 32 levels.",
    remedy: "Check what wrote this item: DynamoDB stores at most 32 levels.",
  },
  E_ITEM_LONE_SURROGATE: {
    meaning: "A text or a name holds half of a UTF-16 surrogate pair, which is no character and has no UTF-8 form.",
    remedy: "Mend the text at the source; Spanner stores valid Unicode only.",
  },
  E_ITEM_TOO_LARGE: {
    meaning: "An item is larger than the 400 KB that DynamoDB stores.",
    remedy: "Check what wrote this line: it is not the item of a DynamoDB export.",
  },
  E_LINE_NOT_JSON: {
    meaning: "A line of a data file is not JSON.",
    remedy: "The file is not a DynamoDB export in DynamoDB JSON, or was altered: export it again.",
  },
  E_LINE_NO_ITEM: {
    meaning: 'A line of a data file is JSON, but not {"Item": …} and nothing else.',
    remedy: "The file is not a full DynamoDB export in DynamoDB JSON, or was altered: export it again.",
  },
  E_LINE_NO_CHANGE: {
    meaning:
      'A line of an incremental export is not {"Metadata": …, "Keys": …} with a time of the write and, as a rule, images.',
    remedy: "The file is not an incremental DynamoDB export in DynamoDB JSON, or was altered: export it again.",
  },
  E_LINE_NOT_UTF8: {
    meaning: "A line of a data file or a message holds bytes that are not UTF-8.",
    remedy: "The data was altered after DynamoDB wrote it: export it again. The bytes are in the dead letter.",
  },
  E_LINE_TOO_LONG: {
    meaning: "A line of a data file is longer than any item of DynamoDB can be.",
    remedy: "The file is not a DynamoDB export, or was altered. Only the beginning of the line is in the dead letter.",
  },
  // --- mapping file (schema/) ---------------------------------------------------------------------------------------
  E_MAPPING_INVALID: {
    meaning: "The mapping file has mistakes; the message lists them all, each with its line and its place.",
    remedy: "Mend each; docs/mapping.md describes the file, schema/mapping.schema.json lets an editor complete it.",
    exitCode: 2,
  },
  E_MAPPING_UNKNOWN_TYPE: {
    meaning: "A column's type in the mapping is none that Spanner has, or that this program writes.",
    remedy: "Use one of the types in docs/mapping.md.",
    exitCode: 2,
  },
  // --- profile (schema/profile/, pipelines/) ------------------------------------------------------------------------
  E_PROFILE_KEY: {
    meaning: "It is not clear which attributes are the DynamoDB table's key, or those named can't be it.",
    remedy:
      "Say it with --partition-key and, if the table has one, --sort-key: `aws dynamodb describe-table` shows them.",
    exitCode: 2,
  },
  E_PROFILE_EXISTS: {
    meaning: "The mapping file that the profile would write exists already.",
    remedy: "Name another file with --out, or let --replace write over it: what was changed by hand would be lost.",
    exitCode: 2,
  },
  E_REPORT_UNWRITABLE: {
    meaning: "The file named by `report --out` can't be written.",
    remedy: "Name a file in a folder that exists and may be written to.",
    exitCode: 1,
  },
  E_PROFILE_UNWRITABLE: {
    meaning: "The file named by --out or --report can't be written.",
    remedy: "Name a file in a folder that exists and may be written to.",
    exitCode: 1,
  },
  E_PROFILE_UNPROVEN: {
    meaning: "The proposed mapping does not take every item that was profiled.",
    remedy:
      "The details name the reasons: change the mapping by hand (docs/mapping.md), or map those attributes to JSON.",
    exitCode: 4,
  },
  // --- conversion (schema/) -----------------------------------------------------------------------------------------
  E_CONVERSION_TYPE: {
    meaning: "The attribute's DynamoDB type does not go into the column's type.",
    remedy: "See the table in docs/mapping.md; change the column's type, or the item at the source.",
  },
  E_CONVERSION_NOT_A_NUMBER: {
    meaning: "A String (S) that goes into a number column is not written as a plain decimal number.",
    remedy: "Map it to STRING, pick the digits with `match`, or mend the item at the source.",
  },
  E_CONVERSION_OUT_OF_RANGE: {
    meaning: "The value lies outside the range of the column's type.",
    remedy: "Give the column a wider type (NUMERIC, FLOAT64 or STRING), or mend the item at the source.",
  },
  E_CONVERSION_INEXACT: {
    meaning: "The column's type can't hold the value exactly.",
    remedy: 'Give the column a type that can (NUMERIC, STRING), or permit rounding with "lossy": true on the column.',
  },
  E_CONVERSION_TOO_LONG: {
    meaning: "The value is longer than the column allows.",
    remedy: "Give the column a greater length, or MAX; text is never cut.",
  },
  E_CONVERSION_TEXT: {
    meaning: "The text holds a character that the database can't store.",
    remedy: "Mend the text at the source, or keep it as BYTES.",
  },
  E_CONVERSION_NOT_A_BOOL: {
    meaning: 'A String (S) that goes into a BOOL column is neither "true" nor "false".',
    remedy: "Map it to STRING, or mend the item at the source.",
  },
  E_CONVERSION_NOT_A_DATE: {
    meaning: "A String (S) that goes into a DATE column is not a calendar date written as YYYY-MM-DD.",
    remedy: "Map it to STRING, pick the date with `match`, or mend the item at the source.",
  },
  E_CONVERSION_NOT_A_TIMESTAMP: {
    meaning:
      "A String (S) that goes into a TIMESTAMP column is not a point in time as RFC 3339 writes it, with offset.",
    remedy:
      "Write it like 2024-02-29T23:59:59.5Z or …+01:00 at the source, or map it to STRING: no time zone is guessed.",
  },
  E_CONVERSION_NO_EPOCH: {
    meaning: "A Number (N) goes into a DATE or TIMESTAMP column whose mapping does not say what it counts.",
    remedy: 'Give the column an "epoch": seconds, milliseconds, microseconds or nanoseconds.',
  },
  E_CONVERSION_NULL: {
    meaning: "The attribute is absent or NULL, but the column is NOT NULL.",
    remedy: "Make the column nullable, or mend the item at the source.",
  },
  E_CONVERSION_NO_KEY: {
    meaning: "An attribute that makes up the row's primary key is absent or NULL.",
    remedy: "Map the primary key from the table's partition and sort key, which every item has.",
  },
  E_CONVERSION_KEY_TOO_LONG: {
    meaning: "The row's primary key is longer than the 8,192 bytes that Spanner allows.",
    remedy: "Map the key so that it is shorter (DynamoDB keys may reach 3,072 bytes), or mend the item at the source.",
  },
  E_CONVERSION_KEY_SHARED: {
    meaning:
      "Another key text would give the same value of a primary-key column (1 and 1.0, or two spellings of one moment), so two items could overwrite each other.",
    remedy:
      "Map the key to STRING, which keeps every text apart. Shortest spellings (1, 2024-02-29T23:59:59Z) are taken.",
  },
  E_CONVERSION_PATH: {
    meaning: "A column's path leads through a value that is no Map or List.",
    remedy: "Correct `from` in the mapping, map the whole attribute to JSON, or mend the item at the source.",
  },
  E_CONVERSION_NO_MATCH: {
    meaning: "An attribute's text does not match the column's `match`, or the first group took no part in the match.",
    remedy: "Correct `match` in the mapping, narrow the table's `when`, or mend the item at the source.",
  },
  E_CONVERSION_UNMAPPED_ATTRIBUTE: {
    meaning: "The item has an attribute that no column takes, and the table does not say what becomes of such.",
    remedy: 'Add a column for it, or set "otherAttributes" to a JSON column or to "ignore".',
  },
  E_CONVERSION_NO_TABLE: {
    meaning: "No table of the mapping takes the item: no `when` holds.",
    remedy: 'Add a table for such items, widen a `when`, or set "otherItems" to "ignore".',
  },
  // --- storage (storage/) -------------------------------------------------------------------------------------------
  E_STORAGE_URL: {
    meaning: "The address of a folder is neither a local path nor gs://bucket/prefix.",
    remedy: "Name a local folder or a gs:// URL. Copy data from elsewhere (s3://) there first.",
    exitCode: 2,
  },
  E_STORAGE_NOT_FOUND: {
    meaning: "A bucket, folder or file does not exist.",
    remedy: "Check the address for typing errors, and that the project and account in use are the right ones.",
    exitCode: 1,
  },
  E_STORAGE_PERMISSION: {
    meaning: "The account in use, or the lack of one, does not allow to read or write there.",
    remedy:
      "Local: check the folder's owner and mode. Cloud Storage: log in (gcloud auth application-default login) and " +
      "grant roles/storage.objectViewer to read, roles/storage.objectCreator to write dead letters.",
    exitCode: 1,
  },
  E_STORAGE_UNREACHABLE: {
    meaning: "The storage service did not answer, or failed again and again.",
    remedy: "Check the network, and STORAGE_EMULATOR_HOST if it is set; then run the same command again.",
    exitCode: 1,
  },
  E_STORAGE_UNWRITABLE: {
    meaning: "A file can't be written.",
    remedy: "Check that the folder may be written to and that the disk has space left.",
    exitCode: 1,
  },
  E_STORAGE_CORRUPT: {
    meaning: "What arrived from the storage service does not match the checksum that the service keeps of it.",
    remedy: "Run the same command again. If it repeats, copy the file there once more.",
    exitCode: 1,
  },
  // --- export (transforms/) -----------------------------------------------------------------------------------------
  E_EXPORT_NOT_FOUND: {
    meaning: "There is no DynamoDB export at, in or below the folder.",
    remedy: "Name the folder that holds AWSDynamoDB/<export id>. For plain *.json.gz files use --no-manifest.",
    exitCode: 1,
  },
  E_EXPORT_SEVERAL: {
    meaning: "Several DynamoDB exports lie below the folder, and not one full export with incremental ones for `bulk`.",
    remedy: "Name one of those that the message lists, or keep exports that belong together in a folder of their own.",
    exitCode: 1,
  },
  E_EXPORT_INCOMPLETE: {
    meaning: "The export has not finished, has failed, or was copied in part.",
    remedy: "Wait until DynamoDB shows it as COMPLETED, then copy the whole folder again.",
    exitCode: 1,
  },
  E_EXPORT_FORMAT: {
    meaning: "The export is not in DynamoDB JSON.",
    remedy: "Export the table again with the format DYNAMODB_JSON.",
    exitCode: 1,
  },
  E_EXPORT_INCREMENTAL: {
    meaning: "The export is an incremental one: it holds changes, not the table's items.",
    remedy: "Only `bulk` takes incremental exports (docs/incremental.md). Name a full export here.",
    exitCode: 1,
  },
  E_EXPORT_BASE_UNKNOWN: {
    meaning: "Incremental exports were given without the full export that the tables were loaded from.",
    remedy:
      "Give --full-export-time, the exportTime in that export's manifest-summary.json; or copy that export beside them, and it is loaded first.",
    exitCode: 2,
  },
  E_EXPORT_CHAIN_GAP: {
    meaning: "Between two exports that should follow on each other lies a time whose changes are in neither.",
    remedy: "Make an incremental export from the one time to the other, and put it beside them.",
    exitCode: 1,
  },
  E_EXPORT_CHAIN_OLDER: {
    meaning: "An incremental export ends before the full export was made: its images would set rows back.",
    remedy: "Leave it out: the full export holds those changes, or newer ones.",
    exitCode: 1,
  },
  E_EXPORT_CHAIN_TABLE: {
    meaning: "The exports are of different DynamoDB tables.",
    remedy: "Keep the exports of each table in a folder of their own. A table that was restored is another table.",
    exitCode: 1,
  },
  E_EXPORT_MANIFEST: {
    meaning: "A manifest of the export can't be read, contradicts itself, or does not match its checksum file.",
    remedy: "Copy the export again. If the manifest in S3 has the same fault, make a new export.",
    exitCode: 1,
  },
  E_EXPORT_FILE_MISSING: {
    meaning: "A data file that the manifest names is not there.",
    remedy: "Copy the export again, all of its data folder.",
    exitCode: 1,
  },
  E_EXPORT_FILE_UNEXPECTED: {
    meaning: "The export's data folder holds a file that its manifest does not name.",
    remedy: "Remove the file if it does not belong there, or copy the export into an empty folder.",
    exitCode: 1,
  },
  E_EXPORT_FILE_ALTERED: {
    meaning: "A data file is not the one that DynamoDB wrote: its MD5 differs, or it is not one whole gzip file.",
    remedy: "Copy that file again, byte for byte (no re-packing), then run the same command again.",
    exitCode: 1,
  },
  E_EXPORT_FILE_TRUNCATED: {
    meaning: "A data file ends before its gzip data does.",
    remedy: "Copy that file again, then run the same command again.",
    exitCode: 1,
  },
  E_EXPORT_ITEM_COUNT: {
    meaning: "A data file does not hold as many items as the manifest says.",
    remedy: "Copy the export again. If the files in S3 have the same fault, make a new export.",
    exitCode: 4,
  },
  // --- dead letters (transforms/) -----------------------------------------------------------------------------------
  E_DEAD_LETTERS_UNWRITABLE: {
    meaning: "Dead letters can't be stored, so the command stops rather than lose them.",
    remedy: "Name with --dead-letters a folder that may be written to and has space left, then run again.",
    exitCode: 1,
  },
  E_DEAD_LETTER_INVALID: {
    meaning: "A line of a dead-letter file is not a dead letter.",
    remedy: "Give --dead-letters the folder exactly as a run left it; restore the line that the message names.",
    exitCode: 1,
  },
  E_REPLAY_INCOMPLETE: {
    meaning: "Only the beginning of the original text was kept, for it was longer than any item.",
    remedy: "Find the item by the place that the dead letter names, and write it by hand.",
  },
  E_REPLAY_ROW_EXISTS: {
    meaning:
      "The dead letter is an item of an export, and its row was written since by another load: which is newer, nothing tells.",
    remedy: "Run the newest load again with the mended mapping; or remove the dead letter if it is out of date.",
  },
  // --- Spanner (spanner/) -------------------------------------------------------------------------------------------
  E_SCHEMA_DIFFERS: {
    meaning: "The database's tables are not those of the mapping; the message lists every difference.",
    remedy: "Create missing tables with `schema apply`. Where both exist but differ, change the mapping or the table.",
    exitCode: 2,
  },
  E_SCHEMA_APPLY_FAILED: {
    meaning: "Spanner refused to create the tables or indexes.",
    remedy: "Read Spanner's own words in the message; what was created before stays, so run it again after mending.",
    exitCode: 1,
  },
  E_SPANNER_UNREACHABLE: {
    meaning: "Spanner did not answer in time, or the connection to it failed again and again.",
    remedy: "Check the network, SPANNER_EMULATOR_HOST and Spanner's status, then run again: writes can be repeated.",
    exitCode: 1,
  },
  E_SPANNER_PROJECT_UNKNOWN: {
    meaning: "The Google Cloud project of the Spanner instance is not known.",
    remedy: "Pass --project, or set GOOGLE_CLOUD_PROJECT.",
    exitCode: 2,
  },
  E_SPANNER_INSTANCE_NOT_FOUND: {
    meaning: "The project has no Spanner instance of this name.",
    remedy: "Check --project and --instance, or create it with `gcloud spanner instances create`.",
    exitCode: 1,
  },
  E_SPANNER_DATABASE_NOT_FOUND: {
    meaning: "The Spanner instance has no database of this name.",
    remedy: "Check --database, or create it with `gcloud spanner databases create`.",
    exitCode: 1,
  },
  E_SPANNER_PERMISSION: {
    meaning: "The account in use may not do this in the Spanner database.",
    remedy: "Grant it roles/spanner.databaseUser on the database; the message names the permission that it lacks.",
    exitCode: 1,
  },
  E_SPANNER_CREDENTIALS: {
    meaning: "There are no Google Cloud credentials, or Google Cloud did not accept them.",
    remedy:
      "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key or configuration.",
    exitCode: 1,
  },
  E_SPANNER_TABLE_NOT_FOUND: {
    meaning: "The database has no table of this name.",
    remedy: "Create the tables with `schema apply`, or correct the table's name in the mapping (case counts).",
    exitCode: 1,
  },
  E_SPANNER_COLUMN_NOT_FOUND: {
    meaning: "A table has no column of this name.",
    remedy: "Compare the table with `schema print`, then change the mapping or the table.",
    exitCode: 1,
  },
  E_SPANNER_TABLE_REFUSED: {
    meaning: "Spanner refuses every write of these columns to this table, whatever the row.",
    remedy: "Take generated columns out of the mapping and name each column once; compare with `schema print`.",
    exitCode: 1,
  },
  E_SPANNER_UNSUPPORTED: {
    meaning: "This Spanner server does not know the request.",
    remedy: "Update the emulator if one is in use; otherwise report the message.",
    exitCode: 1,
  },
  E_SPANNER_RETRIES_EXHAUSTED: {
    meaning: "Spanner kept refusing a commit for a passing reason until the time for retries was over.",
    remedy: "Reduce --commits-in-flight or add nodes to the instance, then run again: writes can be repeated.",
    exitCode: 1,
  },
  E_SPANNER_FAILED: {
    meaning: "Spanner failed in a way that neither another attempt nor another row can mend.",
    remedy: "Read Spanner's own words in the message, then run again: writes can be repeated.",
    exitCode: 1,
  },
  E_SPANNER_ROW_REFUSED: {
    meaning: "Spanner refused this row, and this row alone: a value, its key or a constraint of its table.",
    remedy: "Read Spanner's own words in the message, mend the item, the mapping or the table, then replay.",
  },
  E_SPANNER_PARENT_MISSING: {
    meaning: "The row belongs beneath a parent row that is not in the database.",
    remedy: 'Replay when the parent is there, or set "createParent": true in the mapping.',
  },
  E_SPANNER_REFERENCE_MISSING: {
    meaning: "A foreign key of the row refers to a row that is not in the database.",
    remedy: "Replay when the other row is there, or add foreign keys only after the migration.",
  },
  E_SPANNER_UNIQUE_INDEX: {
    meaning: "Another row has the same values in a unique index.",
    remedy: "Make the index not unique, or mend one of the two items, then replay.",
  },
  // --- verification (pipelines/verify*) --------------------------------------------------------------------------------
  E_VERIFY_DIFFERS: {
    meaning: "Rows in Spanner are not what the items of the source say.",
    remedy: "Read the differences (--differences FILE lists all of them). docs/verify.md tells what each kind means.",
    exitCode: 4,
  },
  E_VERIFY_TOO_LONG: {
    meaning: "The comparison took longer than Spanner keeps old versions of rows (one hour by default).",
    remedy: "Raise it: ALTER DATABASE … SET OPTIONS (version_retention_period = '7d'); then verify again.",
    exitCode: 1,
  },
  E_VERIFY_UNWRITABLE: {
    meaning: "The file for the differences can't be written.",
    remedy: "Name a file with --differences in a folder that exists and may be written to.",
    exitCode: 1,
  },
  // --- DynamoDB Streams and Pub/Sub (transforms/) -------------------------------------------------------------------
  E_CHANGE_NOT_JSON: {
    meaning: "A message's data is no JSON text in UTF-8.",
    remedy: "Check what publishes to the topic: each message holds one DynamoDB Streams record as JSON.",
  },
  E_CHANGE_FORMAT: {
    meaning: "A message is JSON, but no DynamoDB Streams record.",
    remedy: "Publish each record whole (see lambda/), or its dynamodb object, one a message.",
  },
  E_CHANGE_EVENT_NAME: {
    meaning: "A record's eventName is none that DynamoDB Streams has.",
    remedy: "Check what publishes to the topic.",
  },
  E_CHANGE_NO_NEW_IMAGE: {
    meaning: "A record of a put or an update has no new image, so its data is unknown.",
    remedy: "Set the table's stream view to NEW_IMAGE or NEW_AND_OLD_IMAGES, then export and load again.",
  },
  E_CHANGE_AMBIGUOUS: {
    meaning: "A record has neither an event name nor a new image: it may be a delete, or a put without its data.",
    remedy: "Publish whole records (with eventName), and set the stream view to NEW_IMAGE or NEW_AND_OLD_IMAGES.",
  },
  E_CHANGE_CONTRADICTION: {
    meaning: "A record says that its item was removed, and yet holds a new image of it.",
    remedy: "Check what publishes to the topic: DynamoDB writes no such record.",
  },
  E_CHANGE_KEYS: {
    meaning: "A record's Keys are no primary key, not that of its image, or not that of the mapping's source table.",
    remedy: "Check what publishes to the topic, and source.partitionKey and source.sortKey in the mapping.",
  },
  E_CHANGE_SEQUENCE_NUMBER: {
    meaning: "A record has no sequence number, or one that is no integer of up to 40 digits: it can't be put in order.",
    remedy: "Publish the records of DynamoDB Streams unchanged. Kinesis Data Streams records have no such number.",
  },
  E_CHANGE_OTHER_TABLE: {
    meaning: "A message tells of another DynamoDB table than the mapping's source.",
    remedy: "Give each table its own topic and subscription, or use the mapping of that table.",
  },
  E_CHANGE_ORDER_UNDECIDED: {
    meaning:
      "A streamed change and a line of an incremental export fall into the same second and ask for different things: nothing tells which came last.",
    remedy:
      "Put the dead letter of a line through again with `replay --source-table TABLE`; for one of a message, `verify --source-table TABLE --repair` compares the item with its row.",
  },
  E_VERSION_UNREADABLE: {
    meaning: "A version table holds a row that this program has not written.",
    remedy: "Find what else writes to the version table; remove that row only if its item is loaded again.",
    exitCode: 1,
  },
  E_PROGRESS_UNREADABLE: {
    meaning: "A table in which loads record their progress holds a row that this program has not written.",
    remedy: "Drop DynamoDB_LoadParts and DynamoDB_Loads and run `schema apply`: the next load begins anew.",
    exitCode: 1,
  },
  E_LOAD_CHANGED: {
    meaning: "A load into these tables was begun and is not finished, and this one differs: mapping, export or mode.",
    remedy: "Go on with what it was begun with, or forget it with --restart: then every item is loaded anew.",
    exitCode: 2,
  },
  E_LOAD_FILE_CHANGED: {
    meaning: "A data file is not what it was when an earlier run of this load read it: its first rows may be others.",
    remedy: "Run again with --restart: every item is loaded anew from the files as they are now.",
    exitCode: 1,
  },
  E_LOAD_ROWS_GONE: {
    meaning: "Earlier runs of this load have written rows, but the tables are empty: they were emptied or made anew.",
    remedy: "Run again with --restart, which forgets what was recorded and loads every item anew.",
    exitCode: 2,
  },
  E_LOAD_REPLACED: {
    meaning: "While this load ran, another began anew into the same tables and forgot what this one had recorded.",
    remedy: "Let the other load end. If it was started by mistake, stop it and run this one again: it begins anew.",
    exitCode: 1,
  },
  E_PARENT_MISSING: {
    meaning: "A row's parent did not come within the time to wait for it.",
    remedy: 'Load the parents first and replay the dead letters, or set "createParent" in the mapping.',
  },
  E_CASCADE_TOO_LARGE: {
    meaning: "More rows hang below a deleted parent than one transaction can remove.",
    remedy: "Delete the rows below it in Spanner (partitioned DML), then replay the dead letter.",
  },
  // --- from DynamoDB Streams to Pub/Sub (lambda/, scripts/streams/) ---------------------------------------------------
  E_LAMBDA_CONFIGURATION: {
    meaning: "The publishing function's environment lacks something or holds something unusable.",
    remedy: "Set the environment variable that the message names; lambda/README.md lists them all.",
    exitCode: 2,
  },
  E_LAMBDA_CREDENTIALS: {
    meaning:
      "There are no credentials for Google Cloud where Pub/Sub messages are to be published, or they can't be read.",
    remedy: "On Lambda see lambda/README.md; elsewhere run `gcloud auth application-default login`, then start again.",
    exitCode: 1,
  },
  E_STREAM_VIEW: {
    meaning: "The table's stream has the view type KEYS_ONLY or OLD_IMAGE: its records lack the new data of the items.",
    remedy: "Switch the stream off and on again with NEW_AND_OLD_IMAGES (or NEW_IMAGE), then export and load again.",
    exitCode: 2,
  },
  E_STREAM_RECORD: {
    meaning: "The publishing function was called with something else than records of a DynamoDB stream.",
    remedy: "Let only a DynamoDB stream's event source mapping call the function (not Kinesis, not a test event).",
  },
  E_STREAM_RECORD_SIZE: {
    meaning: "A record makes a message larger than Pub/Sub takes. An item of DynamoDB's 400 KB can't do that.",
    remedy: "Report it with the table's name and the sequence number; the stream waits at this record.",
  },
  E_STREAM_DISABLED: {
    meaning: "The table does not exist, or has no stream.",
    remedy: "Check the name and the region; switch the stream on with NEW_AND_OLD_IMAGES before the export is taken.",
    exitCode: 2,
  },
  E_STREAM_CHANGED: {
    meaning:
      "The checkpoint belongs to another stream: the table's stream was switched off and on again, or it is another table.",
    remedy:
      "Changes made while it was off are in no stream: take a new export, load it, and start with a new checkpoint file.",
    exitCode: 1,
  },
  E_STREAM_TRIMMED: {
    meaning: "Changes are lost to the stream: DynamoDB keeps records for 24 hours, and these were not read in time.",
    remedy: "Start with a new checkpoint file, then take a new export and load it: it holds what the lost changes did.",
    exitCode: 1,
  },
  E_STREAM_READ: {
    meaning: "AWS refuses to let the stream be read, and trying again would not help.",
    remedy:
      "Mend what the message names (credentials, permissions, region) and run again: it goes on from its checkpoint.",
    exitCode: 1,
  },
  E_CHECKPOINT_INVALID: {
    meaning: "The checkpoint file can't be read, or is none of this program's.",
    remedy:
      "Restore the file, or name a new one: reading then begins at the oldest change that the stream holds (24 hours).",
    exitCode: 2,
  },
  E_CHECKPOINT_WRITE: {
    meaning: "The checkpoint file can't be written.",
    remedy: "Make room or grant access, then run again: it goes on from the last checkpoint that was written.",
    exitCode: 1,
  },
  E_TOMBSTONES_TOO_SHORT: {
    meaning:
      "Tombstones of deleted items expire before the subscription's oldest messages: an old change could bring a deleted row back.",
    remedy: "Run `schema apply --tombstone-days N` with at least as many days as the subscription keeps messages.",
    exitCode: 2,
  },
  E_SPANNER_ALL_ROWS_REFUSED: {
    meaning: "Spanner refuses row after row with the same words, and nothing is written: the fault is not in the rows.",
    remedy:
      "Read Spanner's words in the message: a constraint, a key of encryption, a database being restored? Then run again.",
    exitCode: 1,
  },
  E_PUBSUB_SUBSCRIPTION_NOT_FOUND: {
    meaning: "The Pub/Sub subscription does not exist.",
    remedy:
      "Check --subscription and --project. If it was deleted, changes made since are lost: begin again with a new subscription and a new export.",
    exitCode: 1,
  },
  E_PUBSUB_PERMISSION: {
    meaning: "The credentials in use may not consume the Pub/Sub subscription.",
    remedy: "Grant roles/pubsub.subscriber on the subscription to the account that runs this.",
    exitCode: 1,
  },
  E_PUBSUB_CREDENTIALS: {
    meaning: "Pub/Sub does not accept the credentials in use, or there are none.",
    remedy: "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.",
    exitCode: 1,
  },
  E_PUBSUB_UNREACHABLE: {
    meaning: "Pub/Sub does not answer.",
    remedy: "Check the network and PUBSUB_EMULATOR_HOST, then run the command again: no message is lost.",
    exitCode: 1,
  },
  E_PUBSUB_FAILED: {
    meaning: "Pub/Sub refused to deliver messages.",
    remedy: "Read Pub/Sub's own words in the message; messages that were not applied are delivered again.",
    exitCode: 1,
  },
  // --- Beam and its runners (beam/) ---------------------------------------------------------------------------------
  E_BEAM_VERSION: {
    meaning: "The installed apache-beam package is not the one that this program's corrections were made for.",
    remedy: "Install the version of apache-beam that the message names (npm install apache-beam@VERSION).",
    exitCode: 1,
  },
  E_BEAM_NOT_SERIALIZABLE: {
    meaning: "A pipeline step holds a value that would be lost or changed on its way to a worker.",
    remedy: "Report this: it is a mistake in the program. The message names the step and the field.",
    exitCode: 1,
  },
  E_JOB_SERVICE: {
    meaning: "The Beam job service that --job-endpoint names does not answer, or refused the pipeline.",
    remedy: "Check the address and that the service runs; docs/flink.md shows how to start one.",
    exitCode: 1,
  },
  E_WORKER_POOL: {
    meaning: "The pool of workers can't listen at its address.",
    remedy:
      "End the other program that uses the port, or choose another --port (and the same for bulk's --worker-pool).",
    exitCode: 1,
  },
  E_EXPANSION_SERVICE: {
    meaning: "The Beam expansion service that --expansion-service names does not answer, or refused the source.",
    remedy: "Check the address and that the service runs; docs/flink.md shows how to start one.",
    exitCode: 1,
  },
  E_FLINK_UNREACHABLE: {
    meaning: "Flink's REST interface, which --flink-master names, does not answer as it should.",
    remedy:
      "Check the address (host:port of the JobManager's REST interface) and that TaskManagers are registered there.",
    exitCode: 1,
  },
  E_FLINK_JOB_FAILED: {
    meaning: "Flink ended the job for a reason that lies outside of the pipeline's own steps.",
    remedy: "Read the message and the job's page in Flink's web interface, then run the same command again.",
    exitCode: 1,
  },
  E_BEAM_PYTHON: {
    meaning: "The Python environment that hands jobs to Dataflow is missing or does not work.",
    remedy: "Run `make dataflow` once, or name an environment with --beam-python (docs/dataflow.md).",
    exitCode: 1,
  },
  E_DATAFLOW_CREDENTIALS: {
    meaning: "Google Cloud does not accept the credentials in use, or there are none.",
    remedy: "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.",
    exitCode: 1,
  },
  E_DATAFLOW_PERMISSION: {
    meaning: "The credentials in use may not use Dataflow in the project, or its API is not enabled there.",
    remedy: "Enable dataflow.googleapis.com and grant roles/dataflow.developer; docs/dataflow.md has all the steps.",
    exitCode: 1,
  },
  E_DATAFLOW_UNREACHABLE: {
    meaning: "The Dataflow API does not answer.",
    remedy: "Check the network and --dataflow-endpoint. A job that has been started goes on: look at its page.",
    exitCode: 1,
  },
  E_DATAFLOW_REFUSED: {
    meaning: "Dataflow does not take the job as it was asked for.",
    remedy: "Read the message: a region, network, machine type or quota, most often; then run again.",
    exitCode: 1,
  },
  E_DATAFLOW_STAGING: {
    meaning: "The job's description can't be stored in Cloud Storage.",
    remedy:
      "Check that the bucket of --temp-location or --staging-location exists, and grant roles/storage.objectAdmin there.",
    exitCode: 1,
  },
  E_DATAFLOW_IMAGE: {
    meaning: "There is no image for the workers at the address that --sdk-container-image gives.",
    remedy: "Build and push it: `make image IMAGE=…` (docs/dataflow.md).",
    exitCode: 2,
  },
  E_DATAFLOW_JOB_EXISTS: {
    meaning: "A job of the same name runs already.",
    remedy: "Choose another --job-name, or wait for its end.",
    exitCode: 1,
  },
  E_DATAFLOW_JOB_MISSING: {
    meaning: "A job that runs was to be replaced, and none of the name does.",
    remedy: "Check --job-name and --region.",
    exitCode: 1,
  },
  E_DATAFLOW_JOB_FAILED: {
    meaning: "Dataflow ended the job for a reason that lies outside of the pipeline's own steps.",
    remedy: "Read the message and the job's page, then run the same command again.",
    exitCode: 1,
  },
  E_WORKER_LOST: {
    meaning: "A worker of the remote runner was killed, or ended for lack of memory.",
    remedy: "Look for the reason on the TaskManagers' machines (memory, the system's log), then run the command again.",
    exitCode: 1,
  },
  E_WORKER_START: {
    meaning: "A worker of the remote runner could not be started, or could not load the pipeline.",
    remedy:
      "Have Node and the same version of this package at the same path on every worker's machine (docs/flink.md).",
    exitCode: 1,
  },
  // --- scripts ------------------------------------------------------------------------------------------------------
  E_EMULATOR_MISSING: {
    meaning: "A local server (emulator) that the command needs is neither running nor installed.",
    remedy: "Run the command that the message names, or set the server's address in the environment.",
    exitCode: 1,
  },
  E_EMULATOR_INSTALL: {
    meaning: "A local server (emulator) could not be downloaded or built.",
    remedy: "Read the installer's own last lines below the message; often the network or a proxy setting is at fault.",
    exitCode: 1,
  },
  E_EMULATOR_START: {
    meaning: "A local server (emulator) was found but did not become ready.",
    remedy: "Read its own last lines below the message; they say what hinders it.",
    exitCode: 1,
  },
  E_REHEARSAL_FAILED: {
    meaning: "A command of the rehearsal ended otherwise than it must at that step.",
    remedy: "Read that command's own output above. On a busy machine, run the rehearsal again; otherwise report it.",
    exitCode: 1,
  },
  E_TABLE_THROTTLED: {
    meaning: "DynamoDB has taken no item for minutes.",
    remedy: "Raise the table's write capacity, or let it be paid for by request; then run the command again.",
    exitCode: 1,
  },
  E_TABLE_REQUEST: {
    meaning: "DynamoDB refused a request about a table, or can't be reached.",
    remedy: "Check the table's name, AWS_REGION, the credentials, and --endpoint or AWS_ENDPOINT_URL_DYNAMODB.",
    exitCode: 1,
  },
  E_EXPORT_EXISTS: {
    meaning: "The folder for a new export holds one already; two in one folder could not be told apart.",
    remedy: "Name another folder with --out, or let --replace remove what is there.",
    exitCode: 2,
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof errorCatalogue;
