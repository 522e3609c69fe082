import { readDeadline, type TtlByKind } from "../../push/deadline.ts";
import type { DeviceTokens, TokenKind } from "../../push/device.ts";
import { isPushEnabled } from "../../push/enable-policy.ts";
import { ENABLE_MODES } from "../../push/preferences.ts";
import { PUSH_KINDS, type PushKind, type PushRequest, type TerminalState } from "../../push/push.ts";
import { readPushState } from "../../push/push-result.ts";
import { isSilent } from "../../push/silence.ts";
import { chooseTargets } from "../../push/targets.ts";

/** The pure policies as tables, for a script that decides where the preferences and devices are stored. */
export interface ScriptPolicy {
  readonly silent: boolean;
  /** Names under which the chat may be muted. */
  readonly chats: readonly string[];
  readonly ttlMs: number;
  readonly expiryCounts: boolean;
  readonly maxTtlMs: number;
  readonly tokenKinds: readonly TokenKind[];
  readonly enabledByDefault: boolean;
  readonly disabledModes: Readonly<Record<string, true>>;
}

/** Builds the tables by calling the policies themselves, so that they cannot diverge. */
export function buildScriptPolicy(request: PushRequest, ttl: TtlByKind): ScriptPolicy {
  const ttlMs = (expirySeconds?: number) =>
    readDeadline(request, expirySeconds === undefined ? {} : { mobile_push_expiry: expirySeconds }, ttl, 0);
  return {
    silent: isSilent(request, {}),
    chats: request.kind === "call" ? [] : listChats(request),
    ttlMs: ttlMs(),
    expiryCounts: ttlMs(1) !== ttlMs(2),
    maxTtlMs: readDeadline({ ...request, ttlMs: Infinity }, {}, ttl, 0),
    tokenKinds: TOKEN_KINDS_FOR[request.kind],
    enabledByDefault: isPushEnabled({}),
    disabledModes: DISABLED_MODES,
  };
}

const DISABLED_MODES: Readonly<Record<string, true>> = Object.fromEntries(
  ENABLE_MODES.filter((mode) => !isPushEnabled({ mobile_push_enable: mode })).map((mode) => [mode, true]),
);

const ALL_TOKENS: Record<TokenKind, string> = {
  voip: "-",
  remote: "-",
  registration: "-",
  fid: "-",
  ios_registration: "-",
  ios_fid: "-",
};

function listTokenKinds(kind: PushKind): readonly TokenKind[] {
  const kinds: TokenKind[] = [];
  const left: Partial<Record<TokenKind, string>> = { ...ALL_TOKENS };
  for (let next = firstKind(kind, left); next !== undefined; next = firstKind(kind, left)) {
    kinds.push(next);
    delete left[next];
  }
  return kinds;
}

const ANY_DEVICE = { id: "", provider: "apns", environment: "production" } as const;

function firstKind(kind: PushKind, tokens: DeviceTokens): TokenKind | undefined {
  return chooseTargets(kind, [{ ...ANY_DEVICE, tokens }])[0]?.tokenKind;
}

const TOKEN_KINDS_FOR = Object.fromEntries(PUSH_KINDS.map((kind) => [kind, listTokenKinds(kind)])) as Readonly<
  Record<PushKind, readonly TokenKind[]>
>;

/** End states of deliveries. The first one present decides the state of the push. */
export const END_ORDER: readonly TerminalState[] = listEndOrder();

function listEndOrder(): TerminalState[] {
  const left = new Set<Exclude<TerminalState, "suppressed">>(["cancelled", "delivered", "expired", "failed"]);
  const order: TerminalState[] = [];
  while (left.size > 0) {
    const first = readPushState([...left].map((state) => ({ state })));
    if (first === undefined || first === "suppressed") break;
    order.push(first);
    left.delete(first);
  }
  return order;
}

/** The same names as in `push/silence.ts`; a property test compares them. */
function listChats({ kind, caller, data }: PushRequest): string[] {
  const { room_jid: room, sender_jid: jid, sender_sip: sip } = data;
  const names = kind === "groupchat" && room ? [room] : [room, jid, sip, caller];
  return names.flatMap((name) => (name ? [normaliseChat(name)] : []));
}

/**
 * Normalised form in which muted chats are stored beside the original list, because Lua cannot fold the case of
 * non-ASCII letters.
 */
export function normaliseChat(jid: string): string {
  return (jid.split("/", 1)[0] ?? jid).toLowerCase().toWellFormed();
}
