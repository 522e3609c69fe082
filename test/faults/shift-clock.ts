/**
 * Preloaded into a gateway by the fixture (`node --import`). It shifts the wall clock by some milliseconds; the monotonic
 * clock is unchanged.
 */
const aheadMs = Number(process.env["SIP_PUSHD_TEST_CLOCK_AHEAD_MS"] ?? "0");
const TrueDate = Date;
const now = (): number => TrueDate.now() + aheadMs;

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, values: unknown[]) => Reflect.construct(target, values.length === 0 ? [now()] : values) as Date,
  apply: () => new TrueDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : (Reflect.get(target, name) as unknown)),
});
