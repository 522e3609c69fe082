import type { Aor } from "../push/address.ts";
import { TOKEN_KINDS, type TokenKind } from "../push/device.ts";
import type { PushKind } from "../push/push.ts";
import { servesKind } from "../push/targets.ts";
import type { UndeliverableDevice } from "../trace/trace-report.ts";
import type { GatewayClient } from "./gateway-client.ts";

interface DeviceReport {
  readonly device: string;
  readonly provider: string;
  readonly tokens: Readonly<Partial<Record<TokenKind, string>>>;
}

const servesEveryPhone = (kind: PushKind): boolean => TOKEN_KINDS.every((tokenKind) => servesKind(kind, [tokenKind]));

/** Returns the phones that get no push of this kind. Never rejects, because the report of a push must not depend on it. */
export async function findUndeliverableDevices(
  client: GatewayClient,
  callee: Aor,
  kind: PushKind,
): Promise<readonly UndeliverableDevice[]> {
  if (servesEveryPhone(kind)) return [];
  const path = `/v1/subscribers/${encodeURIComponent(callee)}/devices`;
  try {
    const { devices } = await client.request<{ devices: readonly DeviceReport[] }>({ method: "GET", path }, "devices");
    const others = devices.filter(({ tokens }) => !servesKind(kind, Object.keys(tokens) as TokenKind[]));
    return others.map(({ device, provider }) => ({ device, provider, reason: "voip_token_only" }));
  } catch {
    return [];
  }
}
