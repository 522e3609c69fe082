import {
  deadToken,
  gatewayFault,
  providerTrouble,
  tooLarge,
  type Explanation,
  type Explanations,
} from "./explanation.ts";

const OTHER_PROJECT: Explanation = {
  meaning: "The token belongs to another Firebase project than the gateway pushes for.",
  likelyCause:
    "The app was built with another project's google-services.json than the gateway's service account is from.",
  whatToDo:
    "Use the service account of the app's own project (fcm.service_account), or build the app for this project.",
};

const DEVICE_QUOTA: Explanation = {
  meaning: "Google got more pushes for this one phone than it allows (240 in a minute, 5000 in an hour).",
  likelyCause: "A loop: a platform or a test that pushes to the same phone again and again.",
  whatToDo: "Wait a few minutes, and look in the gateway's log for who pushes to this device so often.",
};

const PROJECT_QUOTA: Explanation = {
  meaning: "The Firebase project has sent more pushes in this minute than Google allows it (600000 unless raised).",
  likelyCause: "A burst of pushes to many phones at once, from this gateway or from another sender of the project.",
  whatToDo: "Nothing: the gateway goes on when the minute is over. If it happens often, ask Google for a higher quota.",
};

const IOS_CREDENTIALS: Explanation = {
  meaning: "Google has no valid Apple credentials to pass this push on.",
  likelyCause: "An iPhone was registered with its Firebase token, and the Firebase project has no APNs key.",
  whatToDo: "Register iPhones with --provider apns and Apple's own tokens: only these can be woken for a call.",
};

const WRONG_TOKEN: Explanation = {
  meaning: "Google does not take this for a registration token or an installation id.",
  likelyCause: "The token was mistyped or cut, or it is Apple's.",
  whatToDo:
    "Let the app register again; check that whole FCM registration tokens (or Firebase installation ids) reach the gateway.",
};

const UNREADABLE_ANSWER: Explanation = {
  meaning: "The provider's answer could not be understood.",
  likelyCause: "Something other than the provider answered: a proxy, or a wrong endpoint in the configuration.",
  whatToDo: "Check the configured endpoint, and whether a proxy stands between the gateway and the provider.",
};

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
export const FCM_EXPLANATIONS = {
  UNREGISTERED: deadToken("Google says that the app on this phone is no longer there."),
  // The gateway's own reason for an INVALID_ARGUMENT that concerns the token.
  INVALID_TOKEN: WRONG_TOKEN,
  SENDER_ID_MISMATCH: OTHER_PROJECT,
  INVALID_ARGUMENT: {
    meaning: "Google found something in the push that it does not take.",
    likelyCause: "The data is too large (4096 bytes), or has a name that Google reserves (from, google.…, gcm.…).",
    whatToDo: "Send a push without --data. If that works, rename or shorten the data; if not, report it as a bug.",
  },
  NOT_FOUND: {
    meaning: "Google does not find the project that the push was sent for; this says nothing about the phone.",
    likelyCause: "The Firebase project was deleted or renamed, or the service account's file names another one.",
    whatToDo: "Compare project_id in the file of fcm.service_account with the project in the Firebase console.",
  },
  PERMISSION_DENIED: {
    meaning: "The service account may not send pushes in this project.",
    likelyCause: "It lacks the role for Firebase Cloud Messaging, or its file is of another project.",
    whatToDo: "In Google's console (IAM), give it the role 'Firebase Cloud Messaging API Admin' in the app's project.",
  },
  SERVICE_DISABLED: {
    meaning: "The API that sends pushes is switched off in the Firebase project.",
    likelyCause: "The project is old or new, and the 'Firebase Cloud Messaging API (V1)' was never enabled in it.",
    whatToDo:
      "In the Firebase console, under Project settings, Cloud Messaging, enable the API (V1); it takes minutes.",
  },
  UNAUTHENTICATED: {
    meaning: "Google did not accept the gateway's sign-in.",
    likelyCause: "The service account's key was deleted or disabled, or the clock of the gateway's machine is wrong.",
    whatToDo:
      "Check the machine's time; make a new key for the service account, set fcm.service_account and reload the gateway.",
  },
  THIRD_PARTY_AUTH_ERROR: IOS_CREDENTIALS,
  APNS_AUTH_ERROR: IOS_CREDENTIALS,
  // With FcmError this is the limit of "the message target". The project's limit has the two reasons below.
  QUOTA_EXCEEDED: DEVICE_QUOTA,
  RATE_LIMIT_EXCEEDED: PROJECT_QUOTA,
  RESOURCE_EXHAUSTED: PROJECT_QUOTA,
  // The gateway's own reason for a 200 without a message name.
  unreadable_answer: UNREADABLE_ANSWER,
  INTERNAL: providerTrouble("Google had an internal error.", "Google"),
  UNAVAILABLE: providerTrouble("Google's push service was overloaded or out of order.", "Google"),
  UNSPECIFIED_ERROR: providerTrouble("Google refused the push and does not say why.", "Google"),
} as const satisfies Explanations;

export type FcmReason = keyof typeof FCM_EXPLANATIONS;

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
  InternalServerError: providerTrouble("The provider had an internal error."),
  Unavailable: providerTrouble("Google's push service did not answer in time.", "Google"),
  InvalidParameters: gatewayFault("Google found a parameter that it does not know."),
  InvalidTtl: gatewayFault("Google did not accept how long the push is worth delivering."),
  MissingRegistration: gatewayFault("Google saw no device token in the request."),
} as const satisfies Explanations;

export type GcmReason = keyof typeof GCM_EXPLANATIONS;
