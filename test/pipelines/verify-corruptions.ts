import { idOf } from "./verify-fixture";

/** A way to spoil rows of `verify-fixture`, and the differences that must be reported for it. */
export interface Corruption {
  readonly name: string;
  readonly statements: readonly string[];
  readonly reported: readonly string[];
}

/** One row each, of the rows that have all attributes; the numbers are those of `everyTypeItem`. */
export function corruptions(): readonly Corruption[] {
  let next = 0;
  const take = (): string => {
    next++;
    while (next % 10 >= 8 || next % 7 === 6) next++;
    return idOf(next);
  };
  const change = (name: string, column: string, expression: string): Corruption => {
    const id = take();
    return {
      name,
      statements: [`UPDATE Every SET ${column} = ${expression} WHERE Id = '${id}'`],
      reported: [`different Every ${id} ${column}`],
    };
  };
  const [missing, swapped, with_] = [take(), take(), take()];
  const part = idOf(18);
  return [
    change("a trailing space", "S", "CONCAT(S, ' ')"),
    change("another accent", "S", "REPLACE(S, 'é', 'e')"),
    change("NULL for a value", "S", "NULL"),
    change("an empty text for a text", "S", "''"),
    change("an integer that shares a double", "I", "I + 1"),
    change("the last bit of a double", "F", "F * 1.0000000000000002220446049250313"),
    change("the last bit of a single", "G", "CAST(1.50000012 AS FLOAT32)"),
    change("the last digit of a NUMERIC", "N", "N + NUMERIC '0.000000001'"),
    change("the other BOOL", "B", "NOT B"),
    change("the next day", "D", "DATE_ADD(D, INTERVAL 1 DAY)"),
    change("a time zone's shift", "T", "TIMESTAMP_ADD(T, INTERVAL 1 HOUR)"),
    change("a nanosecond", "T", "TIMESTAMP_ADD(T, INTERVAL 1 NANOSECOND)"),
    change(
      "a JSON integer that shares a double",
      "J",
      `PARSE_JSON('{"n": 9007199254740992, "x": 13.7391432, "l": ["a", null]}', wide_number_mode=>'round')`,
    ),
    change(
      "the order of a JSON array",
      "J",
      `PARSE_JSON('{"n": 9007199254740993, "x": 13.7391432, "l": [null, "a"]}', wide_number_mode=>'round')`,
    ),
    change("a NULL byte behind BYTES", "Y", "CONCAT(Y, b'\\x00')"),
    change("the order of an array", "A", "ARRAY_REVERSE(A)"),
    change("an array without its NULL", "A", "['one', 'two']"),
    change("an empty array", "C", "[]"),
    change("NULL for an array", "C", "NULL"),
    change("a lost other attribute", "Rest", "JSON '{}'"),
    {
      name: "a missing row",
      statements: [`DELETE FROM Every WHERE Id = '${missing}'`],
      reported: [`missing Every ${missing} *`],
    },
    {
      name: "an extra row",
      statements: ["INSERT INTO Every (Id) VALUES ('id-extra')"],
      reported: ["extra Every id-extra *"],
    },
    {
      name: "a swapped pair",
      statements: [
        `UPDATE Every SET N = CASE Id WHEN '${swapped}' THEN (SELECT N FROM Every WHERE Id = '${with_}') ELSE (SELECT N FROM Every WHERE Id = '${swapped}') END WHERE Id IN ('${swapped}', '${with_}')`,
      ],
      reported: [`different Every ${swapped} N`, `different Every ${with_} N`],
    },
    {
      name: "a value for NULL",
      statements: [`UPDATE Every SET I = 0 WHERE Id = '${idOf(6)}'`],
      reported: [`different Every ${idOf(6)} I`],
    },
    {
      name: "an interleaved row missing, and one extra",
      statements: [
        `DELETE FROM Parts WHERE Id = '${part}' AND Part = 19`,
        `INSERT INTO Parts (Id, Part, S) VALUES ('${part}', 20, 'part 20')`,
      ],
      reported: [`missing Parts ${part}/19 *`, `extra Parts ${part}/20 *`],
    },
  ];
}
