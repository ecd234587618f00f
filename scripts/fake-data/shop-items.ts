import type { Item } from "../../schema/attribute-value";
import type { ItemSet } from "./item-set";
import { surnames } from "./person-names";
import { randomAt } from "./random";
import { date } from "./tutorial-items";

const ordersOfCustomer = 3;
/** An order and two lines. */
const itemsOfOrder = 3;
const groupSize = ordersOfCustomer * itemsOfOrder + 1;

/**
 * Customers, their orders and the orders' lines in one table, as single-table designs keep them. In the order of their
 * sort keys, as an export has them, orders come before their customer's profile.
 */
export const shopItems: ItemSet = {
  table: "Shop",
  partitionKey: "PK",
  sortKey: "SK",
  groupSize,
  itemAt({ index, total, seed }): Item {
    const customer = Math.floor(index / groupSize);
    const position = index % groupSize;
    const PK = { S: `CUSTOMER#${100_000 + customer}` };
    const random = randomAt(seed, index);
    if (position === groupSize - 1 || index === total - 1) {
      return {
        PK,
        SK: { S: "PROFILE" },
        Name: { S: random.pick(surnames) },
        Joined: { N: String(1_500_000_000 + random.integer(200_000_000)) },
        Vip: { BOOL: random.chance(0.1) },
        Address: {
          M: { City: { S: random.pick(["Zürich", "東京", "São Paulo"]) }, Zip: { S: `0${random.integer(9000)}` } },
        },
      };
    }
    const order = `ORDER#${1 + Math.floor(position / itemsOfOrder)}`;
    const line = position % itemsOfOrder;
    const price = { N: `${1 + random.integer(500)}.${1 + random.integer(9)}` };
    if (line === 0) return { PK, SK: { S: order }, OrderDate: { S: date(random) }, Total: price };
    return {
      PK,
      SK: { S: `${order}#LINE#${line}` },
      Sku: { S: `sku-${random.integer(2000)}` },
      Quantity: { N: String(1 + random.integer(9)) },
      Price: price,
    };
  },
};
