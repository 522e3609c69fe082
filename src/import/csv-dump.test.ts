import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsv } from "./csv-dump.ts";
import type { DumpRow } from "./dump-tables.ts";

async function parse(...pieces: string[]): Promise<DumpRow[]> {
  async function* readPieces() {
    yield* pieces;
  }
  const rows: DumpRow[] = [];
  for await (const some of readCsv(readPieces())) rows.push(...some);
  return rows;
}

const CSV = `id,reg_id,type,username,domain,device_id\r\n1,aa11,apns,"al""ice, the
first",example.org,\\N\r\n\r\n2,"bb,22",fcm,bob,example.org,""\r\n3,cc,gcm,NULL,x,"NULL"`;

const ROWS = [
  ["1", "aa11", "apns", null, null, null, null, 'al"ice, the\nfirst', "example.org"],
  ["2", "bb,22", "fcm", null, "", null, null, "bob", "example.org"],
  ["3", "cc", "gcm", null, "NULL", null, null, null, "x"],
].map((values) => ({ table: "mobile_push_registrations", values }));

it("reads quotes, line breaks, empty values and NULL", async () => {
  expect(await parse(CSV)).toEqual(ROWS);
});

it("reads the same, wherever it is cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(CSV.length), fc.nat(CSV.length), async (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];

      expect(await parse(CSV.slice(0, from), CSV.slice(from, to), CSV.slice(to))).toEqual(ROWS);
    }),
  );
});

it("reads what mysql --batch writes", async () => {
  expect(await parse("id\tdomain\n1\ta\\tb\\\\c\\nd\n2\tNULL\n")).toEqual([
    { table: "voip_domains", values: ["1", "a\tb\\c\nd"] },
    { table: "voip_domains", values: ["2", null] },
  ]);
});

it("takes semicolons, capital letters and a byte order mark", async () => {
  expect(await parse("\ufeffID;Domain\n1;a.example\n")).toEqual([
    { table: "voip_domains", values: ["1", "a.example"] },
  ]);
});

it.each([
  ["id,reg_id,type,subscriber_id,timestamp,device_id,apns_type", "mobile_push_registrations"],
  ["id,username,domain_id,uuid,password", "voip_subscribers"],
  ["id,domain", "voip_domains"],
  ["id,attribute,type,max_occur", "voip_preferences"],
  ["id,subscriber_id,attribute_id,value,modify_timestamp", "voip_usr_preferences"],
  ["username,domain,attribute,value", "voip_usr_preferences"],
  ["id,domain_id,attribute_id,value", "voip_dom_preferences"],
  ["domain,attribute,value", "voip_dom_preferences"],
])("knows by its columns %s that a file is of %s", async (header, table) => {
  expect((await parse(`${header}\n1,2,3\n`)).map((row) => row.table)).toEqual([table]);
});

describe("refuses", () => {
  it.each([
    ["unknown columns", "a,b,c\n1,2,3\n", "its first line names the columns of no table that is read here: a, b, c"],
    ["a quote that does not end", 'id,domain\n1,"a\n2,b\n', "it ends in the middle of a record"],
  ])("%s", async (_what, text, message) => {
    await expect(parse(text)).rejects.toThrow(message);
  });
});
