import { itemSetNames } from "./item-set";

/** Each option of the commands that deal in made-up items and in tables, declared once. */

export const itemOptions = {
  set: {
    choices: itemSetNames,
    default: "tutorial",
    describe:
      "tutorial: the tutorial's table; hard: legal but awkward values; wide: 20 attributes an item; shop: customers, orders and order lines in one table",
  },
  items: { type: "number", default: 25_000, coerce: wholeNumber, describe: "Number of items" },
  seed: { type: "number", default: 1, coerce: wholeNumber, describe: "The same seed gives the same items" },
} as const;

export const exportOptions = {
  out: { type: "string", demandOption: true, describe: "Folder in which AWSDynamoDB/<exportId> is made" },
  replace: { type: "boolean", default: false, describe: "Remove an export that the folder holds already" },
} as const;

export const endpointOption = {
  endpoint: {
    type: "string",
    describe: "Address of DynamoDB, such as http://localhost:8000 (default: the AWS SDK's own settings)",
  },
} as const;

/** The two checks below throw what yargs reports as a mistake in the command line. */
function wholeNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no whole number from 0 on.`);
  return value;
}

export function countingNumber(value: number): number {
  if (wholeNumber(value) === 0) throw new Error("0 is too few: at least 1 is needed.");
  return value;
}
