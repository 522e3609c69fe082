import { beforeEach, expect, it } from "vitest";
import { createConfigFixture } from "../../test/fixtures/config-fixture.ts";
import { createVirtualTime, type VirtualTime } from "../../test/fixtures/clocks.ts";
import type { Config } from "../config/config.ts";
import type { MetricsSnapshot, ToPrimary, ToWorker } from "./messages.ts";
import type { ForkWorker } from "./worker-process.ts";
import { Workers } from "./workers.ts";

/** A process controlled by the test. */
interface FakeProcess {
  readonly number: number;
  readonly heard: ToWorker[];
  say(message: ToPrimary): void;
  end(how: string): void;
}

let time: VirtualTime;
let forked: FakeProcess[];
let events: string[];
let merged: { present: number[]; retired: number[] };
let workers: Workers;

function readConfig(text: string): Config {
  using fixture = createConfigFixture();
  return fixture.load(`listen: [{port: 8080}]\n${text}`).config;
}

const fork: ForkWorker = (number, onMessage) => {
  const ended = Promise.withResolvers<string>();
  const heard: ToWorker[] = [];
  forked.push({ number, heard, say: onMessage, end: ended.resolve });
  const kill = () => ended.resolve("was ended by SIGKILL");
  return { pid: 1000 + forked.length, ended: ended.promise, send: (message) => void heard.push(message), kill };
};

const note =
  (what: string) =>
  (...details: readonly unknown[]): void =>
    void events.push([what, ...details].join(" "));

beforeEach(() => {
  time = createVirtualTime();
  forked = [];
  events = [];
  merged = { present: [], retired: [] };
  workers = new Workers({
    config: readConfig("processes: 2"),
    faults: [],
    fork,
    clock: time.clock,
    sleep: time.sleep,
    telemetry: {
      events: {
        workerStarted: note("started"),
        workerEnded: note("ended"),
        workerKilled: note("killed"),
        gaveUp: note("gave up"),
        stopping: note("stopping"),
        configTaken: note("taken"),
        configRefused: note("refused"),
        unexpected: note("unexpected"),
      },
      metrics: {
        put: () => undefined,
        retire: (member) => void merged.retired.push(Number(member)),
        async render(present) {
          merged.present = [...present].map(Number);
          return "page";
        },
      },
    },
  });
});

function last(number: number): FakeProcess {
  const found = forked.findLast((process) => process.number === number);
  if (found === undefined) throw new Error(`worker ${number} was not started`);
  return found;
}

async function serveBoth(): Promise<void> {
  workers.start();
  last(1).say({ type: "serving" });
  last(2).say({ type: "serving" });
  await time.settle();
}

const SNAPSHOT: MetricsSnapshot = [];

it("starts the others once the first one serves", () => {
  workers.start();
  expect(forked.map(({ number }) => number)).toEqual([1]);

  last(1).say({ type: "serving" });

  expect(forked.map(({ number }) => number)).toEqual([1, 2]);
});

it("gives up at once, with the worker's own reason, where not even the first can start", async () => {
  workers.start();
  last(1).say({ type: "failed", reason: "the port is taken" });
  last(1).end("ended with code 1");

  expect(await workers.failed).toEqual({ why: "the port is taken", hasServed: false });
  expect(forked).toHaveLength(1);
});

it("replaces a worker at once that had served for long, and after a pause one that had not", async () => {
  await serveBoth();
  await time.advance(60_000);

  last(1).end("was ended by SIGSEGV");
  await time.settle();
  expect(forked.map(({ number }) => number)).toEqual([1, 2, 1]);
  last(1).end("was ended by SIGSEGV");
  await time.advance(249);
  expect(forked).toHaveLength(3);
  await time.advance(1);

  expect(forked).toHaveLength(4);
  expect(events).toContain("ended 1 was ended by SIGSEGV 250");
});

it("goes on for as long as one worker serves, whatever becomes of the other", async () => {
  await serveBoth();
  await time.advance(60_000);

  for (let round = 1; round <= 8; round += 1) {
    last(2).end("ended with code 1");
    await time.advance(30_000);
  }

  expect(forked).toHaveLength(2 + 8);
});

it("gives up where all end again and again", async () => {
  await serveBoth();
  for (let round = 1; round <= 5; round += 1) {
    last(1).end("ended with code 7");
    last(2).end("ended with code 7");
    await time.advance(5_000);
  }

  expect(await workers.failed).toEqual({ why: "worker 1 ended with code 7", hasServed: true });
});

it("starts later workers with the first configuration, and tells them the one in force", async () => {
  await serveBoth();
  const next = readConfig("processes: 2\ndedup: {window_seconds: 9}");
  workers.reload(next);
  await time.advance(60_000);
  last(2).end("was ended by SIGKILL");
  await time.settle();

  expect(forked[0]?.heard).toMatchObject([{ type: "start" }, { type: "reload", config: next }]);
  expect(last(2).heard).toMatchObject([
    { type: "start", config: { dedup: { implicitMs: 3_000 } }, reloaded: { dedup: { implicitMs: 9_000 } } },
  ]);
});

it("tells all workers, and later ones, of renewed credentials and of those that cannot be used", async () => {
  await serveBoth();
  const next = readConfig("processes: 2\ndedup: {window_seconds: 9}");
  const faults = [{ unit: "apns", app: "global/apns", detail: "It does not fit." }];

  workers.renew(next, ["/etc/tls.pem"], []);
  workers.noteFaults(faults);
  await time.advance(60_000);
  last(2).end("was ended by SIGKILL");
  await time.settle();

  expect(forked[0]?.heard).toMatchObject([
    { type: "start", faults: [] },
    { type: "renew", config: next, files: ["/etc/tls.pem"], warnings: [] },
    { type: "faults", faults },
  ]);
  expect(last(2).heard).toMatchObject([{ type: "start", reloaded: next, faults }]);
});

it("kills a worker that does not stop, and says so", async () => {
  await serveBoth();

  const stopped = workers.stop("SIGTERM");
  last(1).end("ended with code 0");
  await time.advance(20_000);

  expect(await stopped).toBe(false);
  expect(events.filter((event) => event.startsWith("killed"))).toEqual(["killed 2"]);
  expect(last(2).heard.at(-1)).toEqual({ type: "stop", signal: "SIGTERM" });
  expect(time.sleepers).toBe(0);
});

it("starts none any more once it stops", async () => {
  await serveBoth();
  last(1).end("was ended by SIGKILL");
  await time.settle();

  const stopped = workers.stop("SIGTERM");
  last(2).end("ended with code 0");
  await time.advance(60_000);

  expect(await stopped).toBe(true);
  expect(forked).toHaveLength(2);
});

it("answers with the metrics of those that are there after a second", async () => {
  await serveBoth();
  last(1).say({ type: "render", request: 7 });
  await time.settle();
  last(1).say({ type: "measured", request: 1, snapshot: SNAPSHOT });
  await time.advance(999);
  expect(last(1).heard.at(-1)).toMatchObject({ type: "measure" });

  await time.advance(1);

  expect(last(1).heard.at(-1)).toEqual({ type: "metrics", request: 7, page: "page" });
  expect(merged.present).toEqual([1]);
});

it("does not wait for the metrics of a worker that ends meanwhile", async () => {
  await serveBoth();
  last(1).say({ type: "render", request: 7 });
  await time.settle();
  last(1).say({ type: "measured", request: 1, snapshot: SNAPSHOT });

  last(2).end("was ended by SIGKILL");
  await time.settle();

  expect(last(1).heard.at(-1)).toEqual({ type: "metrics", request: 7, page: "page" });
  expect(merged.retired).toEqual([2]);
});
