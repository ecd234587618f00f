import { Spanner } from "@google-cloud/spanner";
import { assert } from "chai";
import type { Dialect } from "../../schema/column-type";
import { ddlStatements } from "../../schema/ddl";
import type { LiveSchema } from "../../schema/live-schema";
import { parseMapping } from "../../schema/mapping";
import type { MigrationPlan } from "../../schema/migration-plan";
import { planMigration } from "../../schema/plan-migration";
import { schemaDifferences } from "../../schema/schema-difference";
import { readLiveSchema } from "../../spanner/live-schema";
import { createTestDatabase } from "../support/spanner";

interface Case {
  /** Name of the table: each case has its own, as the mapping below makes them. */
  readonly table: string;
  /** Turns the statement that would be right into that of the live table; none: there is no such table. */
  readonly live?: (statement: string) => string;
  readonly liveVersions?: (statement: string) => string;
  readonly differences: readonly string[];
}

const keep = (statement: string): string => statement;
/** In either dialect's quotes. */
const column = (name: string): string => `[\`"]${name}[\`"]`;
const replace =
  (pattern: string, replacement: string) =>
  (statement: string): string => {
    const changed = statement.replace(new RegExp(pattern), replacement);
    assert.notEqual(changed, statement, `${pattern} is not in ${statement}`);
    return changed;
  };

function casesOf(dialect: Dialect): readonly Case[] {
  const google = dialect === "googlesql";
  const text = google ? "STRING(MAX)" : "character varying";
  const short = google ? "STRING(9)" : "character varying(9)";
  const integer = google ? "INT64" : "bigint";
  const time = google ? "TIMESTAMP" : "timestamp with time zone";
  const quote = (name: string): string => (google ? `\`${name}\`` : `"${name}"`);
  return [
    { table: "Right", live: keep, liveVersions: keep, differences: [] },
    {
      table: "MissingTable",
      liveVersions: keep,
      differences: ["table MissingTable does not exist; `schema apply` creates it"],
    },
    {
      table: "MissingVersions",
      live: keep,
      differences: ["version table MissingVersions_Versions does not exist; `schema apply` creates it"],
    },
    {
      table: "OlderVersions",
      live: keep,
      liveVersions: replace(`  ${column("WriteTimestampMicros")}.*\\n`, ""),
      differences: [
        "version table OlderVersions_Versions lacks the column WriteTimestampMicros; `schema apply` adds it",
      ],
    },
    {
      table: "MissingColumn",
      live: replace(`  ${column("Text")}.*\\n`, ""),
      liveVersions: keep,
      differences: [
        `MissingColumn.Text does not exist; ALTER TABLE … ADD COLUMN … ${short}, then load again what was loaded without it`,
      ],
    },
    {
      table: "OtherTypes",
      live: (statement) =>
        replace(
          `(${column("Text")}) [^,]*`,
          `$1 ${text}`,
        )(replace(`(${column("Number")}) [^,]*`, `$1 ${text}`)(statement)),
      liveVersions: keep,
      differences: [
        `OtherTypes.Text is ${text} in the database, the mapping says ${short}`,
        `OtherTypes.Number is ${text} in the database, the mapping says ${google ? "NUMERIC" : "numeric"}`,
      ],
    },
    {
      table: "OtherSpelling",
      live: replace(column("Text"), quote("TEXT")),
      liveVersions: keep,
      differences: ["OtherSpelling.Text is spelt TEXT in the database; spell it alike"],
    },
    {
      table: "NotNull",
      live: replace(`(${column("Number")} [^,]*)`, "$1 NOT NULL"),
      liveVersions: keep,
      differences: [
        'NotNull.Number is NOT NULL in the database, but items may lack it: say "notNull": true, or drop its NOT NULL',
      ],
    },
    {
      table: "LooserIsFine",
      live: replace(`(${column("Always")} [^,]*) NOT NULL`, "$1"),
      liveVersions: keep,
      differences: [],
    },
    {
      table: "MoreColumns",
      live: replace(
        "\\n",
        `\n  ${quote("Free")} ${integer},\n  ${quote("Filled")} ${integer} NOT NULL DEFAULT (1),\n  ${quote("Demanding")} ${integer} NOT NULL,\n`,
      ),
      liveVersions: keep,
      differences: [
        "MoreColumns.Demanding is NOT NULL without a default, but nothing fills it: map it, drop its NOT NULL or give it a default",
      ],
    },
    {
      table: "Generated",
      live: replace(
        `(${column("Text")} [^,]*)`,
        google ? "$1 AS (SUBSTR(PK, 1, 9)) STORED" : '$1 GENERATED ALWAYS AS (substr("PK", 1, 9)) STORED',
      ),
      liveVersions: keep,
      differences: ["Generated.Text is a generated column, which can't be written: leave it out"],
    },
    {
      table: "ShorterKey",
      live: replace("(PRIMARY KEY \\([^,]*), [^)]*", "$1"),
      liveVersions: keep,
      differences: ["ShorterKey has the primary key (PK), the mapping says (PK, SK)"],
    },
    {
      table: "OtherOrder",
      live: replace("(PRIMARY KEY \\()([^,]*), ([^)]*)", "$1$3, $2"),
      liveVersions: replace("(PRIMARY KEY \\()([^,]*), ([^)]*)", "$1$3, $2"),
      differences: [
        "OtherOrder has the primary key (SK, PK), the mapping says (PK, SK)",
        "OtherOrder_Versions has the primary key (SK, PK), the mapping says (PK, SK)",
      ],
    },
    {
      table: "NoParent",
      live: google ? replace(",\\n {2}INTERLEAVE.*", "") : replace(" INTERLEAVE.*", ""),
      liveVersions: keep,
      differences: ["NoParent has no parent, the mapping says Parent: interleaving is set when a table is created"],
    },
    {
      table: "OtherAction",
      live: replace("NO ACTION", "CASCADE"),
      liveVersions: keep,
      differences: [
        'OtherAction is ON DELETE CASCADE, the mapping says NO ACTION: change "onDelete", or ALTER TABLE … SET ON DELETE NO ACTION',
      ],
    },
    {
      table: "VersionsAreOther",
      live: keep,
      liveVersions: (statement) =>
        replace(
          `(${column("AppliedAt")}) [^,]*`,
          `$1 ${time} NOT NULL`,
        )(replace(`(${column("SequenceNumber")}) \\S*( varying\\(40\\))?`, `$1 ${integer}`)(statement)),
      differences: [
        `VersionsAreOther_Versions.SequenceNumber is ${integer} in the database, the mapping says ${google ? "STRING(40)" : "character varying(40)"}`,
        google
          ? "VersionsAreOther_Versions.AppliedAt does not allow commit timestamps (OPTIONS (allow_commit_timestamp = true))"
          : "VersionsAreOther_Versions.AppliedAt is timestamp with time zone in the database, the mapping says spanner.commit_timestamp",
      ],
    },
    {
      table: "LivingRowsExpire",
      live: keep,
      liveVersions: (statement) => statement.replace(/[`"]TombstoneAt[`"](?=[^`"]*$)/, quote("AppliedAt")),
      differences: [
        `LivingRowsExpire_Versions deletes rows by another column than TombstoneAt (${google ? "OLDER_THAN(AppliedAt, INTERVAL 30 DAY)" : "INTERVAL '4 WEEKS 2 DAYS' ON \"AppliedAt\""}): versions of living rows would be lost`,
      ],
    },
  ];
}

const INTERLEAVED = ["NoParent", "OtherAction"];

function planOf(tables: readonly string[]): MigrationPlan {
  const mapping = {
    source: { table: "T", partitionKey: "PK", sortKey: "SK" },
    tables: ["Parent", ...tables].map((name) => ({
      name,
      when: [{ attribute: "SK", equals: name }],
      ...(INTERLEAVED.includes(name) ? { interleaveIn: "Parent" } : {}),
      primaryKey: name === "Parent" ? ["PK"] : ["PK", "SK"],
      columns: {
        PK: { type: "STRING(50)" },
        SK: { type: "STRING(50)" },
        Text: { type: "STRING(9)" },
        Number: { type: "NUMERIC" },
        Always: { type: "INT64", ...(name === "Parent" ? {} : { notNull: true }) },
      },
    })),
  };
  return planMigration(parseMapping(JSON.stringify(mapping), "mapping.json"));
}

for (const dialect of ["googlesql", "postgresql"] as const) {
  describe(`differences between a plan and a ${dialect} database`, () => {
    const cases = casesOf(dialect);
    const plan = planOf(cases.map(({ table }) => table));
    let live: LiveSchema;

    before(async () => {
      const right = ddlStatements(plan, dialect);
      const statementOf = (statements: readonly string[], name: string): string =>
        statements.find((each) => new RegExp(`^CREATE TABLE ${column(name)}`).test(each)) ?? assert.fail(name);
      const statements = [
        statementOf(right.tables, "Parent"),
        statementOf(right.versionTables, "Parent_Versions"),
        dialect === "googlesql"
          ? "CREATE TABLE Stranger (PK STRING(50) NOT NULL) PRIMARY KEY (PK), INTERLEAVE IN PARENT Parent ON DELETE CASCADE"
          : 'CREATE TABLE "Stranger" ("PK" character varying(50) NOT NULL, PRIMARY KEY ("PK")) INTERLEAVE IN PARENT "Parent" ON DELETE CASCADE',
        ...cases.flatMap(({ table, live: change, liveVersions }) => [
          ...(change === undefined ? [] : [change(statementOf(right.tables, table))]),
          ...(liveVersions === undefined ? [] : [liveVersions(statementOf(right.versionTables, `${table}_Versions`))]),
        ]),
      ];
      const { project, instance, database } = await createTestDatabase(statements, { dialect });
      const spanner = new Spanner({ projectId: project });
      const client = spanner.instance(instance).database(database);
      live = await readLiveSchema(client);
      await client.close();
      spanner.close();
    });

    for (const { table, differences } of cases) {
      it(`${table}: ${differences.length === 0 ? "none" : differences.length}`, () => {
        const found = schemaDifferences(plan, live).filter((line) =>
          new RegExp(`\\b${table}(_Versions)?\\b`).test(line),
        );
        assert.deepEqual(found, differences);
      });
    }

    it("lists them all at once, and no more", () => {
      const expected = cases.flatMap(({ differences }) => differences);
      const stranger =
        "Stranger, which the mapping does not name, is interleaved in Parent with ON DELETE CASCADE: a deleted item would take rows of it along; ALTER TABLE … SET ON DELETE NO ACTION";
      assert.sameMembers([...schemaDifferences(plan, live)], [...expected, stranger]);
    });

    it("asks for no version table where versions are not used", () => {
      const found = schemaDifferences(plan, live, { versions: false });
      assert.isFalse(found.some((line) => line.startsWith("version table")));
    });
  });
}
