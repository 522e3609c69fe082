import type { Explanation } from "../../push/explanations/explanation.ts";

export const OTHER_PROJECT: Explanation = {
  meaning: "The token belongs to another Firebase project than the gateway pushes for.",
  likelyCause:
    "The app was built with another project's google-services.json than the gateway's service account is from.",
  whatToDo:
    "Use the service account of the app's own project (fcm.service_account), or build the app for this project.",
};

export const DEVICE_QUOTA: Explanation = {
  meaning: "Google got more pushes for this one phone than it allows (240 in a minute, 5000 in an hour).",
  likelyCause: "A loop: a platform or a test that pushes to the same phone again and again.",
  whatToDo: "Wait a few minutes, and look in the gateway's log for who pushes to this device so often.",
};

export const IOS_CREDENTIALS: Explanation = {
  meaning: "Google has no valid Apple credentials to pass this push on.",
  likelyCause: "An iPhone was registered with its Firebase token, and the Firebase project has no APNs key.",
  whatToDo: "Register iPhones with --provider apns and Apple's own tokens: only these can be woken for a call.",
};

export const WRONG_TOKEN: Explanation = {
  meaning: "Google does not take this for a registration token or an installation id.",
  likelyCause: "The token was mistyped or cut, or it is Apple's.",
  whatToDo:
    "Let the app register again; check that whole FCM registration tokens (or Firebase installation ids) reach the gateway.",
};

export const UNREADABLE_ANSWER: Explanation = {
  meaning: "The provider's answer could not be understood.",
  likelyCause: "Something other than the provider answered: a proxy, or a wrong endpoint in the configuration.",
  whatToDo: "Check the configured endpoint, and whether a proxy stands between the gateway and the provider.",
};
