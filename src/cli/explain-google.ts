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

const TOO_OFTEN: Explanation = {
  meaning: "More pushes were sent than Google allows, to this phone or by this project.",
  likelyCause: "A loop that pushes to one phone again and again, or a burst of the whole project.",
  whatToDo:
    "Wait a few minutes; if it lasts, look for the sender in the gateway's log and at the quota in Google's console.",
};

const IOS_CREDENTIALS: Explanation = {
  meaning: "Google has no valid Apple credentials to pass this push on.",
  likelyCause: "An iPhone was registered with its Firebase token, and the Firebase project has no APNs key.",
  whatToDo: "Register iPhones with --provider apns and Apple's own tokens: only these can be woken for a call.",
};

const WRONG_TOKEN: Explanation = {
  meaning: "Google does not take this for a registration token.",
  likelyCause: "The token was mistyped or cut, or it is Apple's.",
  whatToDo: "Let the app register again; check that whole FCM registration tokens reach the gateway.",
};

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const FCM_EXPLANATIONS: Explanations = {
  UNREGISTERED: deadToken("Google says that the app on this phone is no longer there."),
  // Our own word for INVALID_ARGUMENT at `message.token`.
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
    likelyCause: "It lacks the role for Firebase Cloud Messaging, or the project's Cloud Messaging API (V1) is off.",
    whatToDo: "In Google's console, give it the role 'Firebase Cloud Messaging API Admin' and enable that API.",
  },
  UNAUTHENTICATED: {
    meaning: "Google did not accept the gateway's sign-in.",
    likelyCause: "The service account's key was deleted or disabled, or the clock of the gateway's machine is wrong.",
    whatToDo: "Check the machine's time; make a new key for the service account, set fcm.service_account and restart.",
  },
  THIRD_PARTY_AUTH_ERROR: IOS_CREDENTIALS,
  APNS_AUTH_ERROR: IOS_CREDENTIALS,
  QUOTA_EXCEEDED: TOO_OFTEN,
  RESOURCE_EXHAUSTED: TOO_OFTEN,
  INTERNAL: providerTrouble("Google had an internal error."),
  UNAVAILABLE: providerTrouble("Google's push service was overloaded or out of order."),
  DEADLINE_EXCEEDED: providerTrouble("Google did not finish its work in time."),
  UNSPECIFIED_ERROR: providerTrouble("Google refused the push and does not say why."),
};

/** https://firebase.google.com/docs/cloud-messaging/http-server-ref */
const GCM_EXPLANATIONS: Explanations = {
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
  DeviceMessageRateExceeded: TOO_OFTEN,
  TopicsMessageRateExceeded: TOO_OFTEN,
  Unavailable: providerTrouble("Google's push service did not answer in time."),
  InvalidParameters: gatewayFault("Google found a parameter that it does not know."),
  InvalidTtl: gatewayFault("Google did not accept how long the push is worth delivering."),
  MissingRegistration: gatewayFault("Google saw no device token in the request."),
};

export const GOOGLE_EXPLANATIONS: Explanations = { ...FCM_EXPLANATIONS, ...GCM_EXPLANATIONS };
