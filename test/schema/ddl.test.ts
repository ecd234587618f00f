import { assert } from "chai";
import { ddlStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";

const MAPPING = `{
  "source": { "table": "T", "partitionKey": "PK", "sortKey": "SK" },
  "tables": [
    { "name": "Order", "interleaveIn": "Customers", "primaryKey": ["Id", "Select"],
      "when": { "attribute": "SK", "beginsWith": "ORDER#" },
      "columns": {
        "Id": { "type": "STRING(64)", "from": "PK" },
        "Select": { "type": "BYTES(MAX)", "from": "SK" },
        "Total": { "type": "FLOAT64", "notNull": true },
        "Tags": { "type": "ARRAY<STRING(10)>" } },
      "indexes": [
        { "name": "ByTotal", "columns": ["Total DESC", "Id"], "storing": ["Tags"], "unique": true, "nullFiltered": true },
        { "name": "InCustomer", "columns": ["Id", "Total"], "interleaveIn": "Customers" } ] },
    { "name": "Customers", "primaryKey": ["Id"],
      "when": { "attribute": "SK", "equals": "P" },
      "columns": { "Id": { "type": "STRING(64)", "from": "PK" } }, "otherAttributes": { "column": "Extra" } }
  ]
}`;

describe("DDL", () => {
  const plan = planMigration(parseMapping(MAPPING, "mapping.json"));

  it("in GoogleSQL: parents first, every name quoted, keys NOT NULL, indexes apart", () => {
    assert.deepEqual(ddlStatements(plan, "googlesql"), {
      tables: [
        "CREATE TABLE `Customers` (\n  `Id` STRING(64) NOT NULL,\n  `Extra` JSON,\n) PRIMARY KEY (`Id`)",
        "CREATE TABLE `Order` (\n  `Id` STRING(64) NOT NULL,\n  `Select` BYTES(MAX) NOT NULL,\n  `Total` FLOAT64 NOT NULL,\n  `Tags` ARRAY<STRING(10)>,\n) PRIMARY KEY (`Id`, `Select`),\n  INTERLEAVE IN PARENT `Customers` ON DELETE NO ACTION",
      ],
      versionTables: [
        "CREATE TABLE `Customers_Versions` (\n  `Id` STRING(64) NOT NULL,\n  `SequenceNumber` STRING(40) NOT NULL,\n  `ChangedAt` TIMESTAMP,\n  `WriteTimestampMicros` INT64,\n  `Deleted` BOOL NOT NULL,\n  `AppliedAt` TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),\n  `TombstoneAt` TIMESTAMP OPTIONS (allow_commit_timestamp = true),\n) PRIMARY KEY (`Id`),\n  ROW DELETION POLICY (OLDER_THAN(`TombstoneAt`, INTERVAL 30 DAY))",
        "CREATE TABLE `Order_Versions` (\n  `Id` STRING(64) NOT NULL,\n  `Select` BYTES(MAX) NOT NULL,\n  `SequenceNumber` STRING(40) NOT NULL,\n  `ChangedAt` TIMESTAMP,\n  `WriteTimestampMicros` INT64,\n  `Deleted` BOOL NOT NULL,\n  `AppliedAt` TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),\n  `TombstoneAt` TIMESTAMP OPTIONS (allow_commit_timestamp = true),\n) PRIMARY KEY (`Id`, `Select`),\n  ROW DELETION POLICY (OLDER_THAN(`TombstoneAt`, INTERVAL 30 DAY))",
      ],
      indexes: [
        "CREATE UNIQUE NULL_FILTERED INDEX `ByTotal` ON `Order` (`Total` DESC, `Id`) STORING (`Tags`)",
        "CREATE INDEX `InCustomer` ON `Order` (`Id`, `Total`), INTERLEAVE IN `Customers`",
      ],
    });
  });

  it("in PostgreSQL", () => {
    assert.deepEqual(ddlStatements(plan, "postgresql", 3), {
      tables: [
        'CREATE TABLE "Customers" (\n  "Id" character varying(64) NOT NULL,\n  "Extra" jsonb,\n  PRIMARY KEY ("Id")\n)',
        'CREATE TABLE "Order" (\n  "Id" character varying(64) NOT NULL,\n  "Select" bytea NOT NULL,\n  "Total" double precision NOT NULL,\n  "Tags" character varying(10)[],\n  PRIMARY KEY ("Id", "Select")\n) INTERLEAVE IN PARENT "Customers" ON DELETE NO ACTION',
      ],
      versionTables: [
        'CREATE TABLE "Customers_Versions" (\n  "Id" character varying(64) NOT NULL,\n  "SequenceNumber" character varying(40) NOT NULL,\n  "ChangedAt" timestamp with time zone,\n  "WriteTimestampMicros" bigint,\n  "Deleted" boolean NOT NULL,\n  "AppliedAt" SPANNER.COMMIT_TIMESTAMP NOT NULL,\n  "TombstoneAt" SPANNER.COMMIT_TIMESTAMP,\n  PRIMARY KEY ("Id")\n) TTL INTERVAL \'3 days\' ON "TombstoneAt"',
        'CREATE TABLE "Order_Versions" (\n  "Id" character varying(64) NOT NULL,\n  "Select" bytea NOT NULL,\n  "SequenceNumber" character varying(40) NOT NULL,\n  "ChangedAt" timestamp with time zone,\n  "WriteTimestampMicros" bigint,\n  "Deleted" boolean NOT NULL,\n  "AppliedAt" SPANNER.COMMIT_TIMESTAMP NOT NULL,\n  "TombstoneAt" SPANNER.COMMIT_TIMESTAMP,\n  PRIMARY KEY ("Id", "Select")\n) TTL INTERVAL \'3 days\' ON "TombstoneAt"',
      ],
      indexes: [
        'CREATE UNIQUE INDEX "ByTotal" ON "Order" ("Total" DESC, "Id") INCLUDE ("Tags") WHERE "Total" IS NOT NULL AND "Id" IS NOT NULL',
        'CREATE INDEX "InCustomer" ON "Order" ("Id", "Total") INTERLEAVE IN "Customers"',
      ],
    });
  });

  it("is refused where a PostgreSQL-dialect database lacks what the mapping asks for, all at once", () => {
    const long = "a".repeat(64);
    const other = planMigration(
      parseMapping(
        `{ "source": { "table": "T", "partitionKey": "PK", "sortKey": "SK" }, "tables": [{
          "name": "A", "primaryKey": ["PK", "SK DESC"],
          "columns": { "PK": { "type": "NUMERIC" }, "SK": { "type": "STRING(9)" }, "${long}": { "type": "NUMERIC" } },
          "indexes": [{ "name": "I", "columns": ["${long}"] }] }] }`,
        "mapping.json",
      ),
    );
    assert.throws(() => ddlStatements(other, "postgresql"), "the mapping does not fit a postgresql database");
    try {
      ddlStatements(other, "postgresql");
    } catch (error) {
      assert.deepNestedInclude(error, {
        code: "E_MAPPING_INVALID",
        details: [
          "A.PK: NUMERIC can't be in a primary key of a PostgreSQL-dialect database; use STRING or INT64",
          "A.SK: primary keys of a PostgreSQL-dialect database can't be DESC; remove it",
          `I: the NUMERIC column ${long} can't be indexed in a PostgreSQL-dialect database`,
          `${long}: PostgreSQL cuts names off after 63 characters`,
        ],
      });
    }
    assert.lengthOf(ddlStatements(other, "googlesql").tables, 1);
  });
});
