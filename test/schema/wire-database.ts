import { type protos, Spanner, v1 } from "@google-cloud/spanner";
import type { Dialect } from "../../schema/column-type";
import type { WireValue } from "../../schema/wire-value";
import { createTestDatabase } from "../support/spanner";

type ProtobufValue = protos.google.protobuf.IValue;
type ClientOptions = NonNullable<ConstructorParameters<typeof v1.SpannerClient>[0]>;
type Row = readonly WireValue[];

/** A database that is written and read in the API's own form, past every conversion of the client library. */
export interface WireDatabase {
  write(table: string, columns: readonly string[], rows: readonly Row[]): Promise<void>;
  read(table: string, columns: readonly string[], keys: readonly Row[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export async function openWireDatabase(ddl: readonly string[], dialect: Dialect): Promise<WireDatabase> {
  const { project, instance, database } = await createTestDatabase(ddl, { dialect });
  const spanner = new Spanner({ projectId: project });
  const client = new v1.SpannerClient({ ...spanner.options } as object as ClientOptions);
  const name = `projects/${project}/instances/${instance}/databases/${database}`;
  const [{ name: session }] = await client.createSession({ database: name });
  const lists = (rows: readonly Row[]) => rows.map((row) => ({ values: row.map(toProtobuf) }));

  return {
    async write(table, columns, rows) {
      const insertOrUpdate = { table, columns: [...columns], values: lists(rows) };
      const singleUseTransaction = { readWrite: {} };
      await client.commit({ session: session ?? "", singleUseTransaction, mutations: [{ insertOrUpdate }] });
    },
    async read(table, columns, keys) {
      const [{ rows }] = await client.read({
        session: session ?? "",
        table,
        columns: [...columns],
        keySet: { keys: lists(keys) },
      });
      return (rows ?? []).map(({ values }) => (values ?? []).map(fromProtobuf));
    },
    async close() {
      await client.deleteSession({ name: session ?? "" });
      await client.close();
      spanner.close();
    },
  };
}

function toProtobuf(value: WireValue): ProtobufValue {
  if (value === null) return { nullValue: "NULL_VALUE" };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return { listValue: { values: value.map(toProtobuf) } };
}

function fromProtobuf(value: ProtobufValue): WireValue {
  return (
    value.stringValue ?? value.numberValue ?? value.boolValue ?? value.listValue?.values?.map(fromProtobuf) ?? null
  );
}
