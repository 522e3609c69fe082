import {
  deadToken,
  gatewayFault,
  providerTrouble,
  tooLarge,
  type Explanation,
  type Explanations,
} from "../../push/explanations/explanation.ts";
import { APPLE } from "./vendor.ts";

const KEY_ENVIRONMENT: Explanation = {
  meaning: "Apple knows the signing key, but not for the environment (production or sandbox) that was asked.",
  likelyCause: "The key was made for one of Apple's two environments only, and the device is in the other one.",
  whatToDo: "Use a key for the device's environment, or register the device with the right one (--environment).",
};

/** https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
export const APNS_EXPLANATIONS = {
  BadDeviceToken: {
    meaning: "Apple does not know this token, in neither of its environments that the gateway could ask.",
    likelyCause:
      "The token was mistyped or cut, or is another app's; or the app was started from Xcode and the credentials do not serve the sandbox.",
    whatToDo:
      "Let the app register again, with its whole token. For an app from Xcode use a key or certificate that serves the sandbox too.",
  },
  DeviceTokenNotForTopic: {
    meaning: "The token belongs to another app, or to another kind of push, than it was used for.",
    likelyCause: "The bundle id in the gateway is not the app's, or VoIP and ordinary token were exchanged.",
    whatToDo:
      "Compare apns.topic (or the device's app) with the app's bundle id; give the PushKit token as VoIP token.",
  },
  Unregistered: deadToken("Apple says that the app on this phone takes no more pushes at this token."),
  ExpiredToken: deadToken("Apple says that this token has run out."),
  BadTopic: {
    meaning: "Apple does not accept the bundle id that the push was sent for.",
    likelyCause: "The bundle id (topic) is misspelt, or the certificate is for another app.",
    whatToDo:
      "Set apns.topic (http2_jwt.topic) to the app's bundle id, without .voip at its end; then reload the gateway.",
  },
  TopicDisallowed: {
    meaning: "The certificate or key may not push to this app.",
    likelyCause: "It belongs to another app or team, or it is a certificate without VoIP and the push was a call.",
    whatToDo: "Use the key of the app's own team (http2_jwt), or a certificate that names the app and its .voip topic.",
  },
  MissingTopic: {
    meaning: "Apple could not tell which app the push is for.",
    likelyCause: "The certificate serves several apps, and no bundle id is set.",
    whatToDo: "Set apns.topic to the app's bundle id; then reload the gateway.",
  },
  BadCertificate: {
    meaning: "Apple does not accept the certificate that the gateway signs in with.",
    likelyCause: "It was revoked, or it is no push certificate.",
    whatToDo: "Make a new push certificate in Apple's developer account, set apns.certificate, and reload the gateway.",
  },
  BadCertificateEnvironment: {
    meaning: "The certificate is for the other one of Apple's environments (production or sandbox).",
    likelyCause: "A development certificate is used for phones with the released app, or the other way round.",
    whatToDo:
      "Use a certificate for both environments, or register the device with the one that the certificate serves.",
  },
  ExpiredProviderToken: {
    meaning: "Apple finds the gateway's signature too old, or from the future.",
    likelyCause:
      "The clock of the gateway's machine is wrong: a signature just made was refused, or is too young to be renewed.",
    whatToDo: "Check the time on the gateway's machine (timedatectl) and switch on NTP.",
  },
  InvalidProviderToken: {
    meaning: "Apple does not accept the gateway's signature.",
    likelyCause: "Key, key id and team id do not belong together, the key was revoked, or the app is another team's.",
    whatToDo:
      "Compare apns.http2_jwt ec_key, ec_key_id and issuer with Keys and Membership in Apple's developer account.",
  },
  MissingProviderToken: {
    meaning: "Apple saw neither a certificate nor a signature.",
    likelyCause: "A proxy in between ended the TLS connection, so that the certificate did not reach Apple.",
    whatToDo: "Let the gateway reach Apple directly, or sign in with a key (apns.http2_jwt) in place of a certificate.",
  },
  UnrelatedKeyIdInToken: {
    meaning: "Apple does not allow this signing key beside the one that was used before on the same connection.",
    likelyCause:
      "Two keys of one team are limited to different apps. The gateway has tried a fresh connection as well.",
    whatToDo:
      "Check in Apple's developer account which apps the key may push to; give each app the key that is its own.",
  },
  BadEnvironmentKeyIdInToken: KEY_ENVIRONMENT,
  // Apple documents the first spelling; its servers have sent both.
  BadEnvironmentKeyInToken: KEY_ENVIRONMENT,
  Forbidden: {
    meaning: "Apple does not allow what was asked.",
    likelyCause: "The app's permission for pushes, or the developer account's agreements, have lapsed.",
    whatToDo: "Sign in to Apple's developer account: accept what is open, and check the app's push capability.",
  },
  TooManyRequests: {
    meaning: "Apple got too many pushes for this one phone in a short time.",
    likelyCause: "A loop: a platform or a test that pushes to the same phone again and again.",
    whatToDo: "Wait a few minutes, and look in the gateway's log for who pushes to this device so often.",
  },
  TooManyProviderTokenUpdates: {
    meaning: "Apple saw new signatures more often than every 20 minutes.",
    likelyCause: "The gateway was restarted several times in a row, or several programs share its key.",
    whatToDo: "Wait 20 minutes without restarting it; give each program that pushes a key of its own.",
  },
  PayloadTooLarge: tooLarge("The push is larger than Apple takes (4096 bytes, 5120 for a call)."),
  InternalServerError: providerTrouble("The provider had an internal error.", APPLE),
  ServiceUnavailable: providerTrouble("Apple's push service was not available.", APPLE),
  Shutdown: providerTrouble("The Apple server that was asked was being shut down.", APPLE),
  IdleTimeout: providerTrouble("Apple closed the connection because it had been idle for long.", APPLE),
  BadCollapseId: gatewayFault("Apple found the push's collapse id too long."),
  BadExpirationDate: gatewayFault("Apple could not read until when the push is worth delivering."),
  BadMessageId: gatewayFault("Apple did not accept the push's id."),
  BadPath: gatewayFault("Apple did not understand the address of the request."),
  BadPriority: gatewayFault("Apple did not accept the push's priority."),
  DuplicateHeaders: gatewayFault("Apple saw a header twice."),
  InvalidPushType: gatewayFault("Apple does not know the type of the push."),
  MethodNotAllowed: gatewayFault("Apple did not accept the kind of the request."),
  MissingDeviceToken: gatewayFault("Apple saw no device token in the request."),
  PayloadEmpty: gatewayFault("Apple saw no content in the push."),
} as const satisfies Explanations;

export type ApnsReason = keyof typeof APNS_EXPLANATIONS;
