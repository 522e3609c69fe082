import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DumpRow } from "./dump-tables.ts";
import { SqlParser } from "./sql-dump.ts";

/** Written by mysqldump 10.19 of MariaDB. */
const DUMP = String.raw`-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: kamailio; it's a test
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;

DROP TABLE IF EXISTS ${"`mobile_push_registrations`"};
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE ${"`mobile_push_registrations`"} (
  ${"`id`"} int(10) unsigned NOT NULL AUTO_INCREMENT,
  ${"`reg_id`"} varbinary(3072) NOT NULL,
  ${"`type`"} enum('apns','fcm') NOT NULL COMMENT 'provider; see docs',
  ${"`subscriber_id`"} int(11) unsigned NOT NULL,
  ${"`timestamp`"} timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  ${"`device_id`"} varbinary(255) DEFAULT NULL,
  ${"`apns_type`"} varchar(50) NOT NULL DEFAULT '',
  PRIMARY KEY (${"`id`"}),
  UNIQUE KEY ${"`reg_id`"} (${"`reg_id`"})
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4;
LOCK TABLES ${"`mobile_push_registrations`"} WRITE;
/*!40000 ALTER TABLE ${"`mobile_push_registrations`"} DISABLE KEYS */;
INSERT INTO ${"`mobile_push_registrations`"} VALUES
(1,'aa11','apns',7,'2026-03-01 10:00:00','phone','callkit'),
(2,_binary 'it\'s \\ a (token), "quoted"; ''twice''\n','fcm',8,'2026-03-01 10:00:01',NULL,'');
INSERT INTO ${"`other`"} VALUES (1,'a;b'),(2,'(');
INSERT INTO ${"`mobile_push_registrations`"} (${"`id`"}, ${"`type`"}, ${"`reg_id`"}) VALUES (3,"apns",0x616263);
UNLOCK TABLES;
DELIMITER ;;
/*!50003 CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 'it''s' */;;
DELIMITER ;
`;

const ROWS = [
  ["1", "aa11", "apns", "7", "phone", "callkit", "2026-03-01 10:00:00", null, null],
  ["2", `it's \\ a (token), "quoted"; 'twice'\n`, "fcm", "8", null, "", "2026-03-01 10:00:01", null, null],
  ["3", "abc", "apns", null, null, null, null, null, null],
].map((values) => ({ table: "mobile_push_registrations", values }));

function parse(...pieces: string[]): DumpRow[] {
  const parser = new SqlParser();
  return [...pieces.flatMap((piece) => [...parser.push(piece)]), ...parser.end()];
}

it("reads what mysqldump writes, whatever stands in a value", () => {
  expect(parse(DUMP)).toEqual(ROWS);
});

it("reads the same, wherever the dump is cut into pieces", () => {
  const cuts = fc.uniqueArray(fc.nat(DUMP.length), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (places) => {
      const ends = [...places.toSorted((a, b) => a - b), DUMP.length];
      const pieces = ends.map((end, index) => DUMP.slice(ends[index - 1] ?? 0, end));

      expect(parse(...pieces)).toEqual(ROWS);
    }),
  );
});

it("reads back every value that mysqldump's quoting can hold", () => {
  const quote = (text: string) =>
    `'${text.replaceAll(/[\\'"\0\n\r\u001a]/g, (c) => `\\${{ "\0": "0", "\n": "n", "\r": "r", "\u001a": "Z" }[c] ?? c}`)}'`;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 5 }), (values) => {
      const tuples = values.map((value, index) => `(${index},${quote(value)})`).join(",");

      const rows = parse("INSERT INTO voip_domains (id, domain) VALUES ", `${tuples};`);

      expect(rows.map((row) => row.values[1])).toEqual(values);
    }),
  );
});

it("takes a table from any database", () => {
  expect(parse("REPLACE INTO `provisioning`.`voip_domains` (id,domain) VALUES (1,'a.example');")).toEqual([
    { table: "voip_domains", values: ["1", "a.example"] },
  ]);
});

it("does not take long over what does not end", () => {
  const endless = `INSERT INTO voip_domains (id, domain) VALUES (1,'${"''".repeat(100_000)}`;

  expect(() => parse(endless)).toThrow("the dump ends in the middle of");
});

describe("refuses", () => {
  it.each([
    [
      "a table whose columns nobody names",
      "INSERT INTO `voip_domains` VALUES (1,'a');",
      "the columns of voip_domains are not named",
    ],
    ["half a row", "INSERT INTO voip_domains (id,domain) VALUES (1,'a'),(2,", "the dump ends in the middle of"],
    ["half a statement", "CREATE TABLE `voip_domains` (\n `id` int", "the dump ends in the middle of"],
    ["a function", "INSERT INTO voip_domains (id,domain) VALUES (1,UNHEX('61'));", "the dump ends in the middle of"],
  ])("%s", (_what, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
