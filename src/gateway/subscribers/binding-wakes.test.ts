import { describe, expect, it } from "vitest";
import { ALICE } from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryWakeBook } from "../../../test/fixtures/memory-stores.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import type { PushRequest } from "../../push/push.ts";
import { GatewayError } from "../errors.ts";
import { BindingWakes } from "./binding-wakes.ts";

const LEAD_MS = 120_000;
const HOUR = 3_600;
const URI = "sip:alice@192.0.2.7";
const DUE_MS = HOUR * 1_000 - LEAD_MS;

function arrange({ lead = LEAD_MS }: { lead?: number | null } = {}) {
  const time = createVirtualTime(0);
  const { clock, sleep } = time;
  const book = new MemoryWakeBook(clock);
  const events = createRecordingEvents();
  const asked: PushRequest[] = [];
  const answers: (() => unknown)[] = [];
  const acceptPush = async (request: PushRequest) => {
    asked.push(request);
    answers.shift()?.();
    return { kind: "accepted", id: "1", state: "pending" } as const;
  };
  const leadMs = () => lead ?? undefined;
  const wakes = new BindingWakes({ book, acceptPush, events, sleep, leadMs });
  const refuse = (code: ConstructorParameters<typeof GatewayError>[0]) =>
    void answers.push(() => {
      throw new GatewayError(code, "as the test wants it");
    });
  const bind = (expires?: number, more: object = {}) =>
    wakes.bound(ALICE, "pixel", { uri: URI, ...(expires === undefined ? {} : { expires }), ...more });
  return {
    time,
    book,
    events,
    wakes,
    asked,
    refuse,
    bind,
    [Symbol.asyncDispose]: () => wakes[Symbol.asyncDispose](),
  };
}

describe("a phone whose binding expires", () => {
  it("is woken in time, by a silent push to it alone that is worth nothing afterwards", async () => {
    await using fixture = arrange();
    await fixture.bind(HOUR);

    await fixture.time.advance(DUE_MS - 1);
    expect(fixture.asked).toEqual([]);
    await fixture.time.advance(2_000);

    expect(fixture.asked).toMatchObject([{ kind: "wake", callee: ALICE, deviceId: "pixel", silent: true }]);
    expect(fixture.asked[0]?.ttlMs).toBeGreaterThan(LEAD_MS - 2_000);
    expect(fixture.asked[0]?.ttlMs).toBeLessThanOrEqual(LEAD_MS);
    expect(fixture.book.size).toBe(0);
  });

  it("is left alone where it has registered again meanwhile, until its new binding expires", async () => {
    await using fixture = arrange();
    await fixture.bind(HOUR);
    await fixture.time.advance(DUE_MS / 2);
    await fixture.bind(HOUR);

    await fixture.time.advance(DUE_MS - 2_000);
    expect(fixture.asked).toEqual([]);
    await fixture.time.advance(4_000);

    expect(fixture.asked).toHaveLength(1);
  });

  it.each<[string, (fixture: ReturnType<typeof arrange>) => Promise<unknown>]>([
    ["it has left", ({ wakes }) => wakes.unbound(ALICE, "pixel")],
    ["it registers by itself (+sip.pnsreg)", ({ bind }) => bind(HOUR, { wakesItself: true })],
    ["its binding is shorter than the lead", ({ bind }) => bind(LEAD_MS / 1_000)],
    ["nobody knows how long its binding lasts", ({ bind }) => bind()],
  ])("is left alone where %s", async (_why, happens) => {
    await using fixture = arrange();
    await fixture.bind(HOUR);
    await happens(fixture);

    await fixture.time.advance(2 * HOUR * 1_000);

    expect(fixture.asked).toEqual([]);
    expect(fixture.book.size).toBe(0);
    expect(fixture.events.log.storeFailed).toEqual([]);
  });

  it("is left alone where the configuration does not say that it is to be woken", async () => {
    await using fixture = arrange({ lead: null });
    await fixture.bind(HOUR);

    await fixture.time.advance(2 * HOUR * 1_000);

    expect(fixture.asked).toEqual([]);
    expect(fixture.book.size).toBe(0);
  });

  it.each(["queue_full", "store_unavailable", "acceptance_unknown"] as const)(
    "is woken a little later where the answer is %s at first",
    async (code) => {
      await using fixture = arrange();
      await fixture.bind(HOUR);
      fixture.refuse(code);

      await fixture.time.advance(DUE_MS + 30_000);

      expect(fixture.asked).toHaveLength(2);
      expect(fixture.book.size).toBe(0);
    },
  );

  it.each(["domain_disabled", "no_device"] as const)("is not tried again where the answer is %s", async (code) => {
    await using fixture = arrange();
    await fixture.bind(HOUR);
    fixture.refuse(code);

    await fixture.time.advance(DUE_MS + 30_000);

    expect(fixture.asked).toHaveLength(1);
    expect(fixture.book.size).toBe(0);
  });

  it("is not woken when the binding has expired, as after a night without a gateway", async () => {
    await using fixture = arrange();
    await fixture.book.plan({ subscriber: ALICE, deviceId: "pixel", afterMs: -LEAD_MS });

    await fixture.time.advance(5_000);

    expect(fixture.asked).toEqual([]);
    expect(fixture.book.size).toBe(0);
  });
});
