import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const DEVICES = "/v1/subscribers/alice@example.org/devices";
/** Addresses of the gateway in the examples. */
const LISTENERS = {
  "http://127.0.0.1:45059": "plain",
  "http://127.0.0.1:8080": "plain",
  "https://localhost:45060": "tls",
} as const;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A gateway with Alice's two phones. */
export interface RecipeStage extends AsyncDisposable {
  readonly running: RunningGateway;
  /** Translates an address of an example to the gateway of this test. */
  locate(url: string): string;
  /** Sends an example's request. */
  ask(url: string, request?: RequestInit): Promise<Answer>;
  /** Resolves when Alice's iPhone rings. */
  ring(): Promise<Attempt>;
  /** Returns the gateway's record of the call. */
  call(id: string): Promise<Record<string, unknown> | undefined>;
}

export function readExample(path: string): Promise<string> {
  return readFile(join(EXAMPLES, path), "utf8");
}

export async function openRecipeStage(): Promise<RecipeStage> {
  const running = await startRunningGateway();
  await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
  const locate = (url: string): string => {
    for (const [origin, listener] of Object.entries(LISTENERS))
      if (url.startsWith(`${origin}/`)) return running[listener] + url.slice(origin.length);
    throw new Error(`The examples' gateway has no listener for ${url}`);
  };
  return {
    running,
    locate,
    async ask(url, request) {
      const response = await fetch(locate(url), request);
      return { status: response.status, body: await response.text() };
    },
    ring: () => running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip),
    async call(id) {
      const { body } = await callApi(running, "GET", `/v1/calls/${encodeURIComponent(id)}`);
      return (body["calls"] as Record<string, unknown>[] | undefined)?.[0];
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Returns the first group of the pattern, which must match exactly once. */
export function pick(text: string, pattern: RegExp): string {
  const found = [...text.matchAll(new RegExp(pattern, `${pattern.flags.replace("g", "")}g`))];
  const [only] = found;
  if (found.length !== 1 || only?.[1] === undefined)
    throw new Error(`${found.length} times in the example: ${pattern}`);
  return only[1];
}
