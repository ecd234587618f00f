import { type Database, Spanner } from "@google-cloud/spanner";
import { assert } from "chai";
import type { Dialect } from "../../schema/column-type";
import { ddlStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import type { MigrationPlan } from "../../schema/migration-plan";
import { planMigration } from "../../schema/plan-migration";
import { progressTables } from "../../schema/progress-table";
import { findLiveTable, schemaDifferences } from "../../schema/schema-difference";
import { applySchema } from "../../spanner/apply-schema";
import { readLiveSchema } from "../../spanner/live-schema";
import { requireSchema } from "../../spanner/require-schema";
import { createTestDatabase } from "../support/spanner";

const SCALARS = [
  "STRING(5)",
  "STRING(MAX)",
  "BYTES(5)",
  "BYTES(MAX)",
  "INT64",
  "FLOAT64",
  "FLOAT32",
  "NUMERIC",
  "BOOL",
  "DATE",
  "TIMESTAMP",
  "JSON",
];
const TYPES = [...SCALARS, ...SCALARS.map((type) => `ARRAY<${type}>`)];
/** Words that GoogleSQL, PostgreSQL or their DDL reserve. */
const RESERVED =
  "All And Any Array As Asc At Between By Case Cast Check Collate Column Constraint Create Cross Current Default Desc Distinct Else End Enum Except Exists False Fetch For Foreign From Full Group Hash Having If In Index Inner Interleave Interval Into Is Join Key Left Like Limit Lookup Merge New No Not Null Of On Or Order Outer Over Parent Partition Primary Proto Range Right Rows Select Set Some Struct Table Then To True Union Unique Unnest User Using When Where Window With".split(
    " ",
  );

/** Every type, reserved words as names, three levels of interleaving, every kind of index. */
function wideMapping(dialect: Dialect): MigrationPlan {
  const desc = dialect === "googlesql" ? " DESC" : "";
  const mapping = {
    source: { table: "T", partitionKey: "PK", sortKey: "SK" },
    tables: [
      {
        name: "Table",
        when: { attribute: "SK", equals: "P" },
        primaryKey: ["Select"],
        columns: {
          Select: { type: "STRING(MAX)", from: "PK" },
          ...Object.fromEntries(TYPES.map((type, index) => [`Column${index}`, { type }])),
        },
        otherAttributes: { column: "Others" },
        indexes: [
          { name: "Index", columns: ["Column4 DESC", "Column9"], storing: ["Column11", "Others"], nullFiltered: true },
        ],
      },
      {
        name: "From",
        when: { attribute: "SK", beginsWith: "A#" },
        interleaveIn: "Table",
        onDelete: "CASCADE",
        createParent: true,
        primaryKey: ["Select", `Order${desc}`],
        columns: {
          Select: { type: "STRING(MAX)", from: "PK" },
          Order: { type: "STRING(MAX)", from: "SK", match: "^A#(.+)$" },
          ...Object.fromEntries(
            RESERVED.filter((word) => !["Select", "Order"].includes(word)).map((word) => [word, { type: "INT64" }]),
          ),
        },
        indexes: [{ name: "Unique", columns: ["Select", "Where DESC"], unique: true, interleaveIn: "Table" }],
      },
      {
        name: "Where",
        when: { attribute: "SK", beginsWith: "B#" },
        interleaveIn: "From",
        primaryKey: ["Select", `Order${desc}`, "Line"],
        columns: {
          Select: { type: "STRING(MAX)", from: "PK" },
          Order: { type: "STRING(MAX)", from: "SK", match: "^B#([^#]+)#.+$" },
          Line: { type: "INT64", from: "SK", match: "^B#[^#]+#(.+)$" },
        },
      },
    ],
  };
  return planMigration(parseMapping(JSON.stringify(mapping), "mapping.json"));
}

/** The same three tables with little in them. */
function slim(plan: MigrationPlan): MigrationPlan {
  return {
    ...plan,
    tables: plan.tables.map((table) => ({
      ...table,
      columns: table.columns.slice(0, table.keyLength + 1),
      indexes: [],
    })),
  };
}

for (const dialect of ["googlesql", "postgresql"] as const) {
  describe(`schema of a ${dialect} database`, () => {
    const spanner = new Spanner({ projectId: "test-project" });
    const opened: Database[] = [];
    const wide = wideMapping(dialect);
    const plan = slim(wide);

    async function database(ddl: readonly string[] = []): Promise<Database> {
      const { instance, database: name } = await createTestDatabase(ddl, { dialect });
      const client = new Spanner({ projectId: "test-project" }).instance(instance).database(name);
      opened.push(client);
      return client;
    }

    after(async () => {
      await Promise.all(opened.map((each) => each.close()));
      spanner.close();
    });

    it("is created once, with every type and reserved words as names; a second time changes nothing", async () => {
      const db = await database();
      const missing = schemaDifferences(wide, await readLiveSchema(db));
      assert.lengthOf(missing, 6);
      const first = await applySchema(db, wide);
      assert.lengthOf(first, 6 + progressTables.length);
      assert.deepEqual(await applySchema(db, wide), []);
      const live = await requireSchema(db, wide);
      assert.equal(live.dialect, dialect);
      assert.deepEqual(findLiveTable(live, "from")?.parent, "Table");
      assert.equal(findLiveTable(live, "From")?.onDelete, "CASCADE");
      assert.equal(findLiveTable(live, "Where")?.onDelete, "NO ACTION");
      const [operation] = await db.updateSchema([...ddlStatements(wide, dialect).indexes]);
      await operation.promise();
      const indexed = await readLiveSchema(db);
      assert.deepEqual(schemaDifferences(wide, indexed), []);
      const [index] = findLiveTable(indexed, "Table")?.indexes ?? [];
      assert.deepInclude(index, {
        name: "Index",
        columns: [
          { name: "Column4", descending: true },
          { name: "Column9", descending: false },
        ],
        isUnique: false,
        state: "READ_WRITE",
      });
      assert.sameMembers([...(index?.storing ?? [])], ["Column11", "Others"]);
    });

    it("keeps tombstones for as long as asked, and never lets a living row's version go", async () => {
      const db = await database();
      await applySchema(db, plan, { tombstoneDays: 7 });
      assert.deepEqual(await applySchema(db, plan), [], "no days asked for: what is there stays");
      assert.deepEqual(await applySchema(db, plan, { tombstoneDays: 7 }), []);
      assert.lengthOf(await applySchema(db, plan, { tombstoneDays: 30 }), 3);
      assert.deepEqual(await applySchema(db, plan, { tombstoneDays: 30 }), []);
      const policy = findLiveTable(await readLiveSchema(db), "Table_Versions")?.rowDeletionPolicy;
      assert.match(policy ?? "", /TombstoneAt/);
    });

    it("completes what was begun, and refuses the whole when one part differs", async () => {
      const { tables, versionTables } = ddlStatements(plan, dialect);
      const begun = await database(tables.slice(0, 1));
      assert.lengthOf(await applySchema(begun, plan), 5 + progressTables.length);
      assert.deepEqual(schemaDifferences(plan, await readLiveSchema(begun)), []);

      const other = versionTables
        .slice(1, 2)
        .map((statement) => statement.replaceAll("From_Versions", "Table_Versions"));
      const differing = await database(other);
      const error = await applySchema(differing, plan).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.deepInclude(error, { code: "E_SCHEMA_DIFFERS" });
      assert.lengthOf((await readLiveSchema(differing)).tables, 1, "nothing was created");
    });

    it("adds the column that version tables of an earlier version lack, and nothing else", async () => {
      const { tables, versionTables } = ddlStatements(plan, dialect);
      const older = versionTables.map((statement) => statement.replace(/ {2}.WriteTimestampMicros.+\n/, ""));
      const db = await database([...tables, ...older]);
      const statements = await applySchema(db, plan);
      assert.lengthOf(
        statements.filter((statement) => /^ALTER TABLE .+ ADD COLUMN .WriteTimestampMicros. \w+$/.test(statement)),
        versionTables.length,
      );
      assert.deepEqual(schemaDifferences(plan, await readLiveSchema(db)), []);
      assert.deepEqual(await applySchema(db, plan), []);
    });

    it("refuses days that are none", async () => {
      const db = await database();
      for (const tombstoneDays of [0, -1, 1.5, Number.NaN]) {
        const error = await applySchema(db, plan, { tombstoneDays }).catch((reason: unknown) => reason);
        assert.deepInclude(error, { code: "E_USAGE" });
      }
    });
  });
}
