import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acceptNew, anAcceptance, delivered, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { ALICE, aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { createManualClock, measureCpu } from "../../../test/fixtures/clocks.ts";
import { buildDedupKey } from "../../push/dedup-key.ts";
import { openSqliteStores, type SqliteStores } from "./sqlite-stores.ts";

const FEW = 10;
const MANY = 20_000;
const RATIO = 3;
const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

let cleanup: AsyncDisposableStack;
let directory: string;
const clock = createManualClock();

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  directory = cleanup.use(await createTemporaryDirectory()).path;
});
afterEach(() => cleanup.disposeAsync());

interface Store extends SqliteStores {
  readonly path: string;
  runSql(sql: string): void;
}

async function open(name: string): Promise<Store> {
  const path = join(directory, name);
  const stores = cleanup.use(openSqliteStores({ path, durability: "process", clock, ballastBytes: 0 }));
  await stores.devices.register(anIphone(), NO_RULES);
  return {
    ...stores,
    path,
    runSql(sql) {
      using db = new DatabaseSync(path);
      db.exec(sql);
    },
  };
}

/** Inserts ended pushes, one per millisecond, the last one just now. */
function seedEnded(store: Store, rows: number, key: string, keepUntil: number): void {
  store.runSql(`
    WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${rows})
    INSERT INTO pushes (id, kind, callee, state, request, accepted_at, deadline, ended_at, dedup_key, fingerprint, keep_until)
    SELECT 'seed-' || n, 'call', '${ALICE}', 'delivered', '{}', at, at, at, '${key}', '', ${keepUntil}
    FROM (SELECT n, ${clock()} - ${rows} + n AS at FROM series)`);
}

describe("what happened before makes nothing slower:", () => {
  it("a call from somebody who has called often", async () => {
    const redial = aCall();
    const { key } = buildDedupKey(redial, { explicitMs: 0, implicitMs: 0 });
    const cost = async (name: string, rows: number) => {
      const store = await open(name);
      seedEnded(store, rows, key, clock());
      return measureCpu(async () => {
        for (let calls = 0; calls < 100; calls += 1) {
          clock.advance(10_000);
          const { push } = await acceptNew(store.pushes, redial);
          await store.pushes.cancel({ id: push.id });
        }
      });
    };

    const [few, many] = [await cost("few.db", FEW), await cost("many.db", MANY)];

    expect(many / few).toBeLessThan(RATIO);
  });

  it("an event of a call, after many others within a minute", async () => {
    const cost = async (name: string, rows: number) => {
      const store = await open(name);
      store.runSql(`
        WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${rows})
        INSERT INTO call_changes (at, callee, id, state, push_ids) SELECT ${clock()}, '', '', '', '[]' FROM series`);
      const newCall = { id: "1@example.org", door: "v1", urlToken: "t" };
      await store.pushes.accept({ ...anAcceptance(aCall({ callId: newCall.id })), call: newCall });
      let call = (await store.calls.find(newCall.id))[0];
      return measureCpu(async () => {
        for (let changes = 0; changes < 100; changes += 1) {
          if (call === undefined) throw new Error("there is no call");
          const after = { ...call, revision: call.revision + 1 };
          if (!(await store.calls.replace(call, after))) throw new Error("the call was not changed");
          call = after;
        }
      });
    };

    const [few, many] = [await cost("few.db", FEW), await cost("many.db", MANY)];

    expect(many / few).toBeLessThan(RATIO);
  });

  it("a look for pushes to forget, past those of which a repeat may come for long", async () => {
    const cost = async (name: string, rows: number) => {
      const store = await open(name);
      seedEnded(store, rows, "id:kept", clock() + YEAR_MS);
      clock.advance(1_000);
      expect(await store.pushes.forgetEnded(1_000)).toBe(0);
      return measureCpu(async () => {
        for (let looks = 0; looks < 100; looks += 1) await store.pushes.forgetEnded(1_000);
      });
    };

    const [few, many] = [await cost("few.db", FEW), await cost("many.db", MANY)];

    expect(many / few).toBeLessThan(RATIO);
  });
});

describe("retention", () => {
  it("is not held up by pushes that were accepted while the clock was ahead", async () => {
    const store = await open("pushes.db");
    clock.advance(YEAR_MS);
    seedEnded(store, 250, "id:ahead", clock());
    clock.advance(-YEAR_MS);
    store.runSql("UPDATE pushes SET id = 'ahead-' || id");
    seedEnded(store, 300, "id:now", clock());
    clock.advance(2 * DAY_MS);

    expect(await store.pushes.forgetEnded(DAY_MS)).toBe(300);
  });

  it("forgets a push that was kept for its repeats as soon as none can come any more", async () => {
    const store = await open("pushes.db");
    seedEnded(store, 500, "id:kept", clock() + DAY_MS);

    clock.advance(60_000);
    expect(await store.pushes.forgetEnded(30_000)).toBe(0);
    clock.advance(DAY_MS - 60_001);
    expect(await store.pushes.forgetEnded(30_000)).toBe(0);
    clock.advance(1);
    expect(await store.pushes.forgetEnded(30_000)).toBe(500);
  });

  it("gives room back that forgotten pushes took up, and keeps some for the next ones", async () => {
    const store = await open("pushes.db");
    const text = "x".repeat(3_000);
    const accepted = Array.from({ length: 4_000 }, async (_, index) => {
      const lease = await acceptNew(store.pushes, aMessage({ pushId: `${index}`, data: { text } }));
      await store.pushes.settle(lease, [{ ...delivered(), state: "failed" }]);
    });
    await Promise.all(accepted);
    store.runSql("PRAGMA wal_checkpoint(TRUNCATE)");
    const before = statSync(store.path).size;
    clock.advance(2 * DAY_MS);

    await store.pushes.forgetEnded(DAY_MS);

    store.runSql("PRAGMA wal_checkpoint(TRUNCATE)");
    const after = statSync(store.path).size;
    expect(after).toBeLessThan(before * 0.4);
    expect(after).toBeGreaterThan(1_000 * 4_096);
  });
});
