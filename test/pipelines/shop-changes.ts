import { changeRecord } from "./item-changes";

const customerId = { type: "STRING(64)", from: "PK", match: "^CUSTOMER#(.+)$" };

/** Orders that lie in their customers. */
export function shopMapping(createParent: boolean) {
  return {
    source: { table: "Shop", partitionKey: "PK", sortKey: "SK" },
    tables: [
      {
        name: "Customers",
        primaryKey: ["CustomerId"],
        when: { attribute: "SK", equals: "PROFILE" },
        columns: { CustomerId: customerId, Name: { type: "STRING(MAX)" } },
      },
      {
        name: "Orders",
        interleaveIn: "Customers",
        createParent,
        primaryKey: ["CustomerId", "OrderId"],
        when: { attribute: "SK", beginsWith: "ORDER#" },
        columns: {
          CustomerId: customerId,
          OrderId: { type: "STRING(64)", from: "SK", match: "^ORDER#(.+)$" },
          Total: { type: "STRING(16)" },
        },
      },
    ],
    otherItems: "ignore",
  };
}

export const shop = { table: "Shop" };
/** An order of customer 1. */
export const order = (sequence: number) =>
  changeRecord({ PK: { S: "CUSTOMER#1" }, SK: { S: "ORDER#7" } }, sequence, { Total: { S: "12.50" } }, shop);
/** Customer 1. */
export const customer = (sequence: number) =>
  changeRecord({ PK: { S: "CUSTOMER#1" }, SK: { S: "PROFILE" } }, sequence, { Name: { S: "Ann" } }, shop);
