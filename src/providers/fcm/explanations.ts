import {
  deadToken,
  providerTrouble,
  type Explanation,
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

const PROJECT_QUOTA: Explanation = {
  meaning: "The Firebase project has sent more pushes in this minute than Google allows it (600000 unless raised).",
  likelyCause: "A burst of pushes to many phones at once, from this gateway or from another sender of the project.",
  whatToDo: "Nothing: the gateway goes on when the minute is over. If it happens often, ask Google for a higher quota.",
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
  INTERNAL: providerTrouble("Google had an internal error.", GOOGLE),
  UNAVAILABLE: providerTrouble("Google's push service was overloaded or out of order.", GOOGLE),
  UNSPECIFIED_ERROR: providerTrouble("Google refused the push and does not say why.", GOOGLE),
} as const satisfies Explanations;

export type FcmReason = keyof typeof FCM_EXPLANATIONS;
