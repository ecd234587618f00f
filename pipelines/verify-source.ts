import { dynamoDbClient } from "../dynamodb/dynamodb-client";
import { getItem } from "../dynamodb/get-item";
import { describeTableError } from "../dynamodb/table-error";
import type { Item } from "../schema/attribute-value";
import { compileExpectation, readItem } from "../transforms/verify-expect";
import type { ExpectedRow } from "../transforms/verify-ledger";
import type { VerifyConfig } from "./verify";

/** Reads single items of a live table again. */
export interface ItemReader {
  /** The row that the item asks for now; undefined: there is no item, or the mapping leaves it out. */
  read(itemKey: Item): Promise<ExpectedRow | undefined>;
  close(): void;
}

export function openItemReader({ plan, dialect, input }: VerifyConfig): ItemReader {
  if (input.kind === "export") return { read: async () => undefined, close: () => undefined };
  const { table } = input;
  const client = dynamoDbClient();
  const expect = compileExpectation(plan, dialect);
  return {
    async read(itemKey) {
      try {
        const raw = await getItem(client, table, itemKey);
        return raw === undefined ? undefined : expect(() => readItem(raw), table, true);
      } catch (error) {
        throw describeTableError(error, table);
      }
    },
    close: () => client.destroy(),
  };
}
