import { bundleIdOf, type Device, type PhoneAddress, type TokenKind } from "./device.ts";
import type { PushKind, PushRequest, Target } from "./push.ts";

/** A phone that has both, as after an update of its app, is reached by the newer form. */
const FIREBASE = ["fid", "registration", "ios_fid", "ios_registration"] as const satisfies readonly TokenKind[];

/**
 * Tokens in the order in which they serve a kind of push. A PushKit token serves calls alone: iOS ends an app that gets
 * a VoIP push without a call (https://developer.apple.com/documentation/pushkit/responding-to-voip-notifications-from-pushkit).
 * An iPhone without one is still called, by an alert.
 */
const TOKENS_FOR = {
  call: ["voip", ...FIREBASE, "remote"],
  message: [...FIREBASE, "remote"],
  invite: [...FIREBASE, "remote"],
  groupchat: [...FIREBASE, "remote"],
  call_end: [...FIREBASE, "remote"],
  wake: [...FIREBASE, "remote"],
} as const satisfies Record<PushKind, readonly TokenKind[]>;

/** Whether a device with these tokens can get such a push. */
export function servesKind(kind: PushKind, tokens: readonly TokenKind[]): boolean {
  return TOKENS_FOR[kind].some((tokenKind) => tokens.includes(tokenKind));
}

type Phone = PhoneAddress & Pick<Device, "id">;

/** One target for each device that has a token for this kind of push. */
export function chooseTargets(kind: PushKind, devices: readonly Phone[]): Target[] {
  return devices.flatMap((device) => {
    for (const tokenKind of TOKENS_FOR[kind]) {
      const token = device.tokens[tokenKind];
      if (token !== undefined) return [targetOf(device, tokenKind, token)];
    }
    return [];
  });
}

/** What a phone is called that has no name: it is the only one of its push. */
const UNNAMED_PHONE = "direct";

/** The targets of a push that names its phone itself; undefined where the callee's devices are meant. */
export function chooseDirectTargets({ kind, direct }: PushRequest): Target[] | undefined {
  if (direct === undefined) return undefined;
  const { deviceId = UNNAMED_PHONE, ...address } = direct;
  return chooseTargets(kind, [{ id: deviceId, ...address }]);
}

function targetOf(device: Phone, tokenKind: TokenKind, token: string): Target {
  const { id, provider, environment, app } = device;
  return {
    deviceId: id,
    provider,
    tokenKind,
    token,
    environment,
    ...(app === undefined ? {} : { app: bundleIdOf(app) }),
  };
}
