import { assert } from "chai";
import { tombstoneDaysOf } from "../../schema/tombstone-policy";

describe("days of a row deletion policy", () => {
  const policies: readonly (readonly [string, number | undefined])[] = [
    ["OLDER_THAN(TombstoneAt, INTERVAL 30 DAY)", 30],
    ["older_than(`TombstoneAt`, interval 1 day)", 1],
    ["INTERVAL '30 days' ON \"TombstoneAt\"", 30],
    ["INTERVAL '4 WEEKS 2 DAYS' ON \"TombstoneAt\"", 30],
    ["INTERVAL '1 WEEK' ON tombstoneat", 7],
    ["INTERVAL '1 MON' ON tombstoneat", undefined],
    ["INTERVAL '1 MON 2 DAYS' ON tombstoneat", undefined],
    ["INTERVAL '30 days 00:00:01' ON tombstoneat", undefined],
    ["P30D", undefined],
  ];
  for (const [policy, days] of policies) {
    it(`${policy}: ${days ?? "unknown"}`, () => assert.equal(tombstoneDaysOf(policy), days));
  }
});
