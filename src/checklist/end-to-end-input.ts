import { randomUUID } from "node:crypto";
import type { EndToEndCheckInput } from "../checks/end-to-end.ts";
import { followPush } from "../client/follow-push.ts";
import { openGatewayClient, type GatewayClient } from "../client/gateway-client.ts";
import type { AppsConfig, Config } from "../config/config.ts";
import { isLoopback } from "../config/resolve/hosts.ts";
import { listApps } from "../providers/providers.ts";
import { buildAor, type Aor } from "../push/address.ts";
import type { PushReport } from "../trace/trace-report.ts";

export interface EndToEndOptions {
  readonly configFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Owner of a real phone; undefined to use none. */
  readonly to: Aor | undefined;
  readonly timeoutMs: number;
}

const DEVICE = "sip-pushd-check";

/**
 * Without a named phone the check uses a fictional one, but only if every provider address leads to a simulator on this
 * machine.
 */
export function buildEndToEndInput(config: Config, options: EndToEndOptions): EndToEndCheckInput {
  const open = () => openGatewayClient({ config: options.configFile }, options.env);
  const { to } = options;
  if (to !== undefined) return { to, send: async () => push(await open(), to, options.timeoutMs) };
  const simulated = findSimulatedPhone(config);
  if (simulated === undefined) return { to: "nobody", send: undefined };
  const { subscriber, device } = simulated;
  return {
    to: "a made-up phone at the simulator",
    async send() {
      const client = await open();
      const path = `/v1/subscribers/${encodeURIComponent(subscriber)}/devices/${DEVICE}`;
      await client.request({ method: "PUT", path, body: device }, "device");
      try {
        return await push(client, subscriber, options.timeoutMs);
      } finally {
        await client.requestNothing({ method: "DELETE", path }).catch(() => undefined);
      }
    },
  };
}

async function push(client: GatewayClient, callee: Aor, timeoutMs: number): Promise<PushReport> {
  const body = { callee, kind: "call", push_id: randomUUID(), caller: "sip-pushd check" };
  const { id } = await client.request<{ id: string }>({ method: "POST", path: "/v1/pushes", body }, "id");
  return followPush({ client, clock: Date.now }, id, timeoutMs);
}

function findSimulatedPhone(config: Config): { readonly subscriber: Aor; readonly device: object } | undefined {
  const all: (readonly [domain: string, apps: AppsConfig])[] = [
    ["check.invalid", config.apps],
    ...config.domains.map(({ domain, apps }) => [domain, apps] as const),
  ];
  if (all.some(([, apps]) => listAddresses(apps).some((address) => !isLoopback(new URL(address).hostname))))
    return undefined;
  for (const [domain, apps] of all) {
    const device = inventDevice(apps);
    if (device !== undefined) return { subscriber: buildAor("sip-pushd-check", domain), device };
  }
  return undefined;
}

function listAddresses(apps: AppsConfig): readonly string[] {
  return listApps(apps).flatMap(({ module, app }) => module.listEndpoints(app));
}

function inventDevice(apps: AppsConfig): object | undefined {
  const module = listApps(apps)[0]?.module;
  return module && { provider: module.name, ...module.inventDeviceFields() };
}
