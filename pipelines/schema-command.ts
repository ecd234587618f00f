import type { ArgumentsCamelCase, Argv, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions, targetOptions } from "./options";

/** The words that follow `schema`. */
export const SCHEMA_ACTIONS = ["print", "apply", "indexes"] as const;

const printOptions = pickOptions([...commonOptions, "mapping", "dialect", "tombstone-days"] as const);
const applyOptions = pickOptions([...commonOptions, ...targetOptions, "mapping", "tombstone-days"] as const);
const indexOptions = pickOptions([...commonOptions, ...targetOptions, "mapping"] as const);

export type SchemaPrintArguments = ArgumentsCamelCase<InferredOptionTypes<typeof printOptions>>;
export type SchemaApplyArguments = ArgumentsCamelCase<InferredOptionTypes<typeof applyOptions>>;
export type SchemaIndexesArguments = ArgumentsCamelCase<InferredOptionTypes<typeof indexOptions>>;

/** `schema print`, `schema apply` and `schema indexes`: the tables and indexes that a mapping needs. */
export function schemaCommand(setExitCode: (code: number) => void): CommandModule<object, object> {
  return {
    command: "schema",
    describe: "The tables and indexes that a mapping needs: print their DDL, or create what is missing",
    builder: (parser: Argv) =>
      parser
        .command(
          "print",
          "Print the DDL of tables, version tables and secondary indexes",
          (print) => print.options(printOptions),
          async (argv) => {
            const { printSchema } = await import("./run-schema.js");
            setExitCode(printSchema(argv));
          },
        )
        .command(
          "apply",
          "Create the tables and version tables that the database lacks; refuse what differs",
          (apply) => apply.options(applyOptions),
          async (argv) => {
            const { applySchemaTo } = await import("./run-schema.js");
            setExitCode(await applySchemaTo(argv));
          },
        )
        .command(
          "indexes",
          "Create the secondary indexes that the database lacks, after the load; refuse what differs",
          (indexes) => indexes.options(indexOptions),
          async (argv) => {
            const { createIndexes } = await import("./run-indexes.js");
            setExitCode(await createIndexes(argv));
          },
        )
        .demandCommand(1, `Name an action: ${SCHEMA_ACTIONS.join(", ")}.`),
    handler: () => undefined,
  };
}
