import {
  deadToken,
  gatewayFault,
  providerTrouble,
  tooLarge,
  type Explanations,
} from "../../push/explanations/explanation.ts";
import {
  OTHER_PROJECT,
  DEVICE_QUOTA,
  IOS_CREDENTIALS,
  WRONG_TOKEN,
  UNREADABLE_ANSWER,
} from "../google/explanations.ts";
import { GOOGLE } from "../google/vendor.ts";

/** https://firebase.google.com/docs/cloud-messaging/http-server-ref */
export const GCM_EXPLANATIONS = {
  NotRegistered: deadToken("Google says that the app on this phone is no longer there."),
  InvalidRegistration: WRONG_TOKEN,
  MismatchSenderId: {
    ...OTHER_PROJECT,
    meaning: "The token belongs to another sender than the server key.",
    whatToDo: "Use the server key of the app's own project (gcm.key), or build the app for this project.",
  },
  InvalidPackageName: {
    meaning: "The token belongs to an app with another package name.",
    likelyCause: "The device was registered with the wrong app, or the app was renamed.",
    whatToDo: "Compare the device's app with the package name of the installed app, and register it again.",
  },
  InvalidApnsCredential: IOS_CREDENTIALS,
  MessageTooBig: tooLarge("The push is larger than Google takes (4096 bytes)."),
  InvalidDataKey: {
    meaning: "The push's data has a name that Google reserves for itself.",
    likelyCause: "A name such as from, message_type, or one that begins with google. or gcm.",
    whatToDo: "Choose another name for it, in the platform's push settings and in the app.",
  },
  DeviceMessageRateExceeded: DEVICE_QUOTA,
  TopicsMessageRateExceeded: {
    ...DEVICE_QUOTA,
    meaning: "Google got more pushes for one topic than it allows.",
  },
  // The gateway's own reasons for several answers with the same meaning.
  gcm_switched_off: {
    meaning: "Google has switched off the old API for server keys.",
    likelyCause: "The device is registered with provider gcm, or only gcm.key is set; Google ended that API in 2024.",
    whatToDo: "Set fcm.service_account to the file of a service account, and register the device with --provider fcm.",
  },
  bad_server_key: {
    meaning: "The server does not accept the legacy server key.",
    likelyCause: "The key is wrong or was deleted, or it may not be used from this machine's address.",
    whatToDo:
      "Check gcm.key. For Google itself, better move to fcm.service_account: the old API has been switched off.",
  },
  unreadable_answer: UNREADABLE_ANSWER,
  InternalServerError: providerTrouble("The provider had an internal error.", GOOGLE),
  Unavailable: providerTrouble("Google's push service did not answer in time.", GOOGLE),
  InvalidParameters: gatewayFault("Google found a parameter that it does not know."),
  InvalidTtl: gatewayFault("Google did not accept how long the push is worth delivering."),
  MissingRegistration: gatewayFault("Google saw no device token in the request."),
} as const satisfies Explanations;

export type GcmReason = keyof typeof GCM_EXPLANATIONS;
