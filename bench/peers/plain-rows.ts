/** What a plain script does with an attribute on its way into a column; no check, no exactness. */
type PlainValue = string | number | boolean | null | readonly (string | number)[];
type Attribute = Readonly<Record<string, unknown>>;
export type PlainItem = Readonly<Record<string, Attribute>>;
export type PlainRow = Record<string, PlainValue>;

export type PlainConversion = (item: PlainItem) => PlainRow;

/** The rows of `tutorial` items: text for text. */
export const tutorialRow: PlainConversion = (item) => {
  // The client refuses rows of one mutation that differ in their columns.
  const row: PlainRow = { PointsEarned: null, ReminderDate: null, Subscribed: null, Zipcode: null };
  for (const name in item) row[name] = text(item[name]);
  return row;
};

/** The rows of `wide` items for the mapping `bench/wide.mapping.json`: Maps and Lists as JSON, epoch seconds as a time. */
export const wideRow: PlainConversion = (item) => {
  const row: PlainRow = {};
  for (const name in item) {
    const attribute = item[name] ?? {};
    const tag = Object.keys(attribute)[0];
    if (name === "UpdatedAt") row[name] = new Date(Number(attribute["N"]) * 1000).toISOString();
    else if (tag === "M" || tag === "L") row[name] = JSON.stringify(plain(attribute));
    else row[name] = text(attribute);
  }
  return row;
};

function text(attribute: Attribute | undefined): PlainValue {
  for (const tag in attribute) return tag === "NULL" ? null : (attribute[tag] as PlainValue);
  return null;
}

/** An attribute's value without DynamoDB's types, as the AWS SDK's `unmarshall` gives it. */
function plain(attribute: Attribute): unknown {
  for (const tag in attribute) {
    const content = attribute[tag];
    if (tag === "M") {
      const map: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(content as PlainItem)) map[name] = plain(value);
      return map;
    }
    if (tag === "L") return (content as Attribute[]).map(plain);
    if (tag === "N") return Number(content);
    return tag === "NULL" ? null : content;
  }
  return null;
}
