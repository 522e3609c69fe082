import type { ThrottleReason } from "../throttled.ts";
import { gatewayFault, type Explanation, type Explanations } from "./explanation.ts";

/** The gateway's own reasons for attempts that no provider answered. */
export const ATTEMPT_EXPLANATIONS = {
  no_app_configured: {
    meaning: "The gateway has no app for devices of this provider in this domain.",
    likelyCause: "The section apns or fcm is missing or switched off, for the domain or as a whole.",
    whatToDo: "Add the section with the app's credentials to the gateway's configuration, and reload the gateway.",
  },
  app_not_served: {
    meaning: "The device names an app that the configured certificate may not push to.",
    likelyCause: "The bundle id is misspelt, or the certificate lacks this app or its .voip topic.",
    whatToDo:
      "Register the device with the right app (--app), or sign in with a key (apns.http2_jwt), which serves all apps of the team.",
  },
  answer_lost: {
    meaning: "The push went out and no answer came back: the phone may have got it or not.",
    likelyCause: "The connection broke, or a firewall drops connections that were quiet for a while.",
    whatToDo: "Look at the phone and try again. If it comes often, look for a firewall or NAT with a short timeout.",
  },
  oauth_unavailable: {
    meaning: "Google's sign-in service could not be reached, so that nothing was sent.",
    likelyCause: "A firewall that allows fcm.googleapis.com but not oauth2.googleapis.com, or a passing trouble there.",
    whatToDo: "From the gateway's machine, test TCP to oauth2.googleapis.com:443; then try again.",
  },
  bad_service_account: {
    meaning: "Google's sign-in service does not accept the service account.",
    likelyCause:
      "Its key was deleted or disabled, the account is gone, or the clock of the gateway's machine is wrong.",
    whatToDo:
      "Check the machine's time; make a new key in Google's console, set fcm.service_account and reload the gateway.",
  },
  credentials_unusable: {
    meaning: "The app's credentials cannot be used, so that its pushes wait.",
    likelyCause: "A certificate, key or service account was replaced by a file that is broken or does not fit.",
    whatToDo: "Look at the alarm credential_file in /readyz or the log: it names the file and what is wrong with it.",
  },
  internal_error: gatewayFault("The gateway met an error of its own while sending."),
} as const satisfies Explanations;

export type OwnReason = keyof typeof ATTEMPT_EXPLANATIONS;

/** Reasons for pushes and deliveries that ended without an attempt. */
export const PUSH_EXPLANATIONS = {
  no_device: {
    meaning: "The subscriber has no device that this kind of push can go to.",
    likelyCause: "The app has not registered yet, or only with a VoIP token, which serves calls alone.",
    whatToDo: "Look with 'sip-pushd devices list'; open the app and sign in, or add it with 'sip-pushd devices add'.",
  },
  voip_token_only: {
    meaning: "The phone has a VoIP token alone, and that serves calls alone: nothing was sent to it.",
    likelyCause:
      "The app registers its PushKit token, and not the one for messages; iOS ends apps that misuse the first.",
    whatToDo:
      "Let the app register its ordinary token too ('sip-pushd devices add … --remote-token'), if it wants messages.",
  },
  push_disabled: {
    meaning: "The subscriber, or its domain, wants no pushes: the preference mobile_push_enable is never.",
    likelyCause: "It was set for the subscriber, or the subscriber inherits it from the domain.",
    whatToDo: "See it with 'sip-pushd prefs show', change it with 'sip-pushd prefs set … mobile_push_enable=always'.",
  },
  call_ended: {
    meaning: "The call was over before this push for it came: nothing was sent.",
    likelyCause: "The caller hung up, the call was answered elsewhere, or the platform asked again for an old call.",
    whatToDo: "Nothing, if it was so. Otherwise compare the call id that the platform sends with that of the new call.",
  },
  domain_disabled: {
    meaning: "The gateway's configuration switches pushes off for this domain.",
    likelyCause: "The domain stands in domains[] with enable: no.",
    whatToDo: "Set enable: yes there, and reload the gateway.",
  },
  retry_postponed: {
    meaning: "The next attempt waits because so many other pushes are being tried again.",
    likelyCause: "The provider is in trouble for many phones; retries are held to a tenth of the traffic.",
    whatToDo: "Wait: it goes on by itself. Look in the gateway's log for what the provider says.",
  },
  provider_paused: {
    meaning:
      "The provider has asked for a pause, or takes no pushes of this app at present: nothing is sent until it does.",
    likelyCause: "An outage, or more pushes than the provider allows.",
    whatToDo: "Wait: it goes on by itself. The alarms in /readyz and in the gateway's log say what the trouble is.",
  },
  app_busy: {
    meaning: "As many pushes of this app are under way as may be at once.",
    likelyCause: "The provider answers slowly, or very many pushes were asked for.",
    whatToDo: "Wait: it goes on by itself, calls first. If it comes often, look at sip_pushd_attempt_duration_seconds.",
  },
  app_elsewhere: {
    meaning: "This gateway has no app for the phone, and left the push to others that share its store.",
    likelyCause: "The app was added to the configuration of one gateway, and not yet to that of this one.",
    whatToDo: "Give all gateways on one store the same apps, and reload them.",
  },
  deadline_passed: {
    meaning: "The push came to nothing in time: after its deadline no attempt is made.",
    likelyCause: "Its time was very short (--ttl), or the gateway was stopped, overloaded or cut off meanwhile.",
    whatToDo: "Try again, with a longer --ttl; if it comes often, look at the gateway's log and its load.",
  },
  poison: {
    meaning: "The gateway died, or stood still, three times while it built this push and nothing else.",
    likelyCause: "The push holds something that the gateway cannot cope with: a bug of the gateway.",
    whatToDo:
      "Look with 'sip-pushd queue show' at what it holds, and report it. Do not replay it before the gateway was mended.",
  },
} as const satisfies Explanations & Record<ThrottleReason, Explanation>;

export type PushReason = keyof typeof PUSH_EXPLANATIONS;
