import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { acceptNew, delivered, failed, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { aMessage, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { openSqliteStores } from "./sqlite-stores.ts";

it("leaves no trace in the file of what was blanked or forgotten", async () => {
  await using directory = await createTemporaryDirectory();
  const path = join(directory.path, "pushes.db");
  await using stores = openSqliteStores({ path, durability: "process", clock: createManualClock(), ballastBytes: 0 });
  await stores.devices.register(anIphone(), NO_RULES);
  const isInFile = async (text: string) => {
    using db = new DatabaseSync(path);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return (await readFile(path)).includes(text);
  };
  const sent = await acceptNew(stores.pushes, aMessage({ pushId: "1", data: { body: "canary-sent" } }));
  const lost = await acceptNew(stores.pushes, aMessage({ pushId: "2", data: { body: "canary-lost" } }));
  expect(await isInFile("canary-sent")).toBe(true);

  await stores.pushes.settle(sent, [delivered()]);
  await stores.pushes.settle(lost, [failed()]);
  await stores.devices.unregister(anIphone().subscriber, anIphone().id);

  expect(await isInFile("canary-sent")).toBe(false);
  expect(await isInFile("canary-lost")).toBe(true);
  expect(await isInFile(IPHONE_TOKENS.remote)).toBe(true);
  await stores.pushes.dropDeadLetter(lost.push.id);
  expect(await isInFile("canary-lost")).toBe(false);
  expect(await isInFile(IPHONE_TOKENS.remote)).toBe(false);
});
