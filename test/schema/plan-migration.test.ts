import { assert } from "chai";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";

const ORDERS = `{
  // The example of the design: a single-table design becomes three interleaved tables.
  "$schema": "./schema/mapping.schema.json",
  "source": { "table": "Orders", "partitionKey": "PK", "sortKey": "SK" },
  "otherItems": "ignore",
  "tables": [
    { "name": "OrderLines", "interleaveIn": "CustomerOrders", "onDelete": "CASCADE", "createParent": true,
      "primaryKey": ["CustomerId", "OrderId DESC", "Line"],
      "when": [{ "attribute": "PK", "beginsWith": "CUSTOMER#" }, { "attribute": "SK", "matches": "^ORDER#[^#]+#LINE#" }],
      "columns": {
        "Price": { "type": "NUMERIC", "lossy": true, "from": "Lines[0].Price" },
        "Line": { "type": "INT64", "from": "SK", "match": "^ORDER#[^#]+#LINE#([0-9]+)$" },
        "OrderId": { "type": "STRING(MAX)", "from": "SK", "match": "^ORDER#([^#]+)#LINE#[0-9]+$" },
        "CustomerId": { "type": "STRING(64)", "from": "PK", "match": "^CUSTOMER#(.+)$" },
      },
      "otherAttributes": "ignore", "versionTable": "Line_State" },
    { "name": "Customers", "primaryKey": ["CustomerId"],
      "when": { "attribute": "SK", "equals": "PROFILE" },
      "columns": {
        "CustomerId": { "type": "STRING(64)", "from": "PK", "match": "^CUSTOMER#(.+)$" },
        "Tier": { "type": "STRING(MAX)", "from": ["plan.tier"] },
        "Joined": { "type": "TIMESTAMP", "epoch": "seconds" } },
      "otherAttributes": { "column": "Extra" } },
    { "name": "CustomerOrders", "interleaveIn": "Customers", "primaryKey": ["CustomerId", "OrderId DESC"],
      "when": { "attribute": "SK", "beginsWith": "ORDER#" },
      "columns": {
        "CustomerId": { "type": "STRING(64)", "from": "PK", "match": "^CUSTOMER#(.+)$" },
        "OrderId": { "type": "STRING(MAX)", "from": "SK", "match": "^ORDER#(.+)$" },
        "Total": { "type": "FLOAT64", "notNull": false } },
      "indexes": [{ "name": "OrdersByTotal", "columns": ["CustomerId", "Total DESC"], "storing": [], "interleaveIn": "Customers" }] },
  ]
}`;

describe("plan of a migration", () => {
  it("fills in every default and puts the key's columns first", () => {
    const plan = planMigration(parseMapping(ORDERS, "orders.jsonc"));
    assert.deepEqual(plan.source, { table: "Orders", partitionKey: "PK", sortKey: "SK" });
    assert.equal(plan.otherItems, "ignore");
    const [lines, customers, orders] = plan.tables;
    assert.deepEqual(lines, {
      name: "OrderLines",
      columns: [
        {
          name: "CustomerId",
          type: { kind: "STRING", length: 64 },
          notNull: true,
          source: { kind: "attribute", path: ["PK"], match: "^CUSTOMER#(.+)$" },
          lossy: false,
        },
        {
          name: "OrderId",
          type: { kind: "STRING", length: "MAX" },
          notNull: true,
          source: { kind: "attribute", path: ["SK"], match: "^ORDER#([^#]+)#LINE#[0-9]+$" },
          lossy: false,
        },
        {
          name: "Line",
          type: { kind: "INT64" },
          notNull: true,
          source: { kind: "attribute", path: ["SK"], match: "^ORDER#[^#]+#LINE#([0-9]+)$" },
          lossy: false,
        },
        {
          name: "Price",
          type: { kind: "NUMERIC" },
          notNull: false,
          source: { kind: "attribute", path: ["Lines", 0, "Price"] },
          lossy: true,
        },
      ],
      keyLength: 3,
      keyDescending: [false, true, false],
      parent: "CustomerOrders",
      level: 2,
      when: [
        { attribute: "PK", beginsWith: "CUSTOMER#" },
        { attribute: "SK", matches: "^ORDER#[^#]+#LINE#" },
      ],
      otherAttributes: "ignore",
      indexes: [],
      onDelete: "CASCADE",
      createParent: true,
      versionTable: "Line_State",
    });
    assert.deepInclude(customers, {
      level: 0,
      versionTable: "Customers_Versions",
      onDelete: "NO ACTION",
      createParent: false,
      otherAttributes: { column: "Extra" },
    });
    assert.notProperty(customers, "parent");
    assert.deepEqual(customers?.columns.slice(1), [
      {
        name: "Tier",
        type: { kind: "STRING", length: "MAX" },
        notNull: false,
        source: { kind: "attribute", path: ["plan.tier"] },
        lossy: false,
      },
      {
        name: "Joined",
        type: { kind: "TIMESTAMP" },
        notNull: false,
        source: { kind: "attribute", path: ["Joined"] },
        epoch: "seconds",
        lossy: false,
      },
      { name: "Extra", type: { kind: "JSON" }, notNull: false, source: { kind: "otherAttributes" }, lossy: false },
    ]);
    assert.deepInclude(orders, { level: 1, otherAttributes: "error" });
    assert.deepEqual(orders?.indexes, [
      {
        name: "OrdersByTotal",
        columns: [
          { name: "CustomerId", descending: false },
          { name: "Total", descending: true },
        ],
        storing: [],
        unique: false,
        nullFiltered: false,
        interleaveIn: "Customers",
      },
    ]);
  });

  it("is plain data, so that a DoFn can carry it to a worker", () => {
    const plan = planMigration(parseMapping(ORDERS, "orders.jsonc"));
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
  });

  it("takes a file with a byte order mark and Windows line ends", () => {
    const text = `\uFEFF${ORDERS.replaceAll("\n", "\r\n")}`;
    assert.lengthOf(parseMapping(text, "orders.jsonc").tables, 3);
  });

  it("knows source attributes by any name, `__proto__` too", () => {
    const mapping = parseMapping(
      `{ "source": { "table": "T", "partitionKey": "__proto__", "sortKey": "constructor" },
        "tables": [{ "name": "A", "primaryKey": ["constructor", "B"], "columns": {
          "constructor": { "type": "STRING(MAX)" }, "B": { "type": "BYTES(MAX)", "from": "__proto__" },
          "toString": { "type": "JSON", "from": ["a", "__proto__", 0] } } }] }`,
      "names.jsonc",
    );
    const columns = planMigration(mapping).tables[0]?.columns.map(({ name, source }) => [name, source]);
    assert.deepEqual(columns, [
      ["constructor", { kind: "attribute", path: ["constructor"] }],
      ["B", { kind: "attribute", path: ["__proto__"] }],
      ["toString", { kind: "attribute", path: ["a", "__proto__", 0] }],
    ]);
  });
});
