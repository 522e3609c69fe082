import { bundleIdOf, type Device, type PhoneAddress, type TokenKind } from "./device.ts";
import type { PushKind, PushRequest, Target } from "./push.ts";
import { compact } from "./compact.ts";

/** A phone with several forms, as after an update of its app, is reached by the newest. */
const FIREBASE = ["fid", "registration", "ios_fid", "ios_registration"] as const satisfies readonly TokenKind[];

/**
 * Usable tokens for each kind of push, by preference. A PushKit token serves only calls: iOS kills an app that gets a
 * VoIP push without a call
 * (https://developer.apple.com/documentation/pushkit/responding-to-voip-notifications-from-pushkit). An iPhone without
 * one is called by an alert.
 */
const TOKENS_FOR = {
  call: ["voip", ...FIREBASE, "remote"],
  message: [...FIREBASE, "remote"],
  invite: [...FIREBASE, "remote"],
  groupchat: [...FIREBASE, "remote"],
  call_end: [...FIREBASE, "remote"],
  wake: [...FIREBASE, "remote"],
} as const satisfies Record<PushKind, readonly TokenKind[]>;

/** Returns true if a device with these tokens can receive a push of this kind. */
export function servesKind(kind: PushKind, tokens: readonly TokenKind[]): boolean {
  return TOKENS_FOR[kind].some((tokenKind) => tokens.includes(tokenKind));
}

type Phone = PhoneAddress & Pick<Device, "id">;

/** Returns one target for each device with a token for this kind of push. */
export function chooseTargets(kind: PushKind, devices: readonly Phone[]): Target[] {
  return devices.flatMap((device) => {
    for (const tokenKind of TOKENS_FOR[kind]) {
      const token = device.tokens[tokenKind];
      if (token !== undefined) return [targetOf(device, tokenKind, token)];
    }
    return [];
  });
}

/** Device id for a phone that the request did not name. */
const UNNAMED_PHONE = "direct";

/** Returns the targets of a push that names its phone, or undefined if it is for the callee's devices. */
export function chooseDirectTargets({ kind, direct }: PushRequest): Target[] | undefined {
  if (direct === undefined) return undefined;
  const { deviceId = UNNAMED_PHONE, ...address } = direct;
  return chooseTargets(kind, [{ id: deviceId, ...address }]);
}

function targetOf(device: Phone, tokenKind: TokenKind, token: string): Target {
  const { id, provider, environment, app } = device;
  return compact({
    deviceId: id,
    provider,
    tokenKind,
    token,
    environment,
    app: app === undefined ? undefined : bundleIdOf(app),
  });
}
