import type { Device, TokenKind } from "./device.ts";
import type { PushKind, Target } from "./push.ts";

/**
 * Tokens in the order in which they serve a kind of push. A PushKit token serves calls alone: iOS ends an app that gets
 * a VoIP push without a call (https://developer.apple.com/documentation/pushkit/responding-to-voip-notifications-from-pushkit).
 * An iPhone without one is still called, by an alert.
 */
const TOKENS_FOR = {
  call: ["voip", "registration", "remote"],
  message: ["registration", "remote"],
  invite: ["registration", "remote"],
  groupchat: ["registration", "remote"],
} as const satisfies Record<PushKind, readonly TokenKind[]>;

/** One target for each device that has a token for this kind of push. */
export function chooseTargets(kind: PushKind, devices: readonly Device[]): Target[] {
  return devices.flatMap((device) => {
    for (const tokenKind of TOKENS_FOR[kind]) {
      const token = device.tokens[tokenKind];
      if (token !== undefined) return [targetOf(device, tokenKind, token)];
    }
    return [];
  });
}

function targetOf(device: Device, tokenKind: TokenKind, token: string): Target {
  const { id, provider, environment, app } = device;
  return { deviceId: id, provider, tokenKind, token, environment, ...(app === undefined ? {} : { app }) };
}
