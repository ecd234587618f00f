import { expect } from "chai";
import { formatColumnType, formatPostgresqlType, parseColumnType } from "../../schema/column-type";
import { compileValueConverter } from "../../schema/convert-value";
import { exampleValue, tableRows } from "./mapping-document";
import { isSameValue } from "./same-value";
import { openWireDatabase } from "./wire-database";

describe("every pair of the conversion table in docs/mapping.md", () => {
  const pairs = tableRows("from", "to", "in PostgreSQL");

  for (const dialect of ["googlesql", "postgresql"] as const) {
    it(`goes into a column of a ${dialect} database and comes back the same`, async function () {
      this.timeout(240_000);
      const columns = pairs.map(([, to = "", , , example = ""], at) => {
        const type = parseColumnType(to);
        const spelled = dialect === "postgresql" ? formatPostgresqlType(type) : formatColumnType(type);
        const value = compileValueConverter(type, { epoch: "seconds", lossy: false, dialect })(exampleValue(example));
        return { name: `v${at}`, definition: `v${at} ${spelled}`, to, value };
      });
      const definitions = columns.map(({ definition }) => definition).join(", ");
      const database = await openWireDatabase(
        [
          dialect === "postgresql"
            ? `CREATE TABLE pairs (id bigint PRIMARY KEY, ${definitions})`
            : `CREATE TABLE pairs (id INT64, ${definitions}) PRIMARY KEY (id)`,
        ],
        dialect,
      );
      try {
        const names = columns.map(({ name }) => name);
        await database.write("pairs", ["id", ...names], [["1", ...columns.map(({ value }) => value)]]);
        const [found = []] = await database.read("pairs", names, [["1"]]);
        const others = columns.filter(({ to, value }, at) => !isSameValue(to, value, found[at] ?? null));
        expect(others.map(({ name, to }) => `${name} ${to}`)).to.deep.equal([]);
      } finally {
        await database.close();
      }
    });
  }
});
