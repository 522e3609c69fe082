import { CONTACT_TROUBLES } from "../gateway/contact-reading.ts";
import { LAUNCH_OUTCOMES, SIGN_UP_STEPS } from "../gateway/gateway-events.ts";
import { PROVIDER_NAMES } from "../providers/providers.ts";
import { ENVIRONMENTS } from "../push/device.ts";

/** The part of `METRICS` about devices, preferences and accounts. */
export const SUBSCRIBER_METRICS = {
  devicesRegistered: {
    type: "counter",
    name: "sip_pushd_devices_registered_total",
    help: "Registrations of devices, first ones and renewals.",
    labels: { provider: PROVIDER_NAMES },
  },
  devicesUnregistered: {
    type: "counter",
    name: "sip_pushd_devices_unregistered_total",
    help: "Devices that were removed by request.",
    labels: {},
  },
  contactsNotLearned: {
    type: "counter",
    name: "sip_pushd_contacts_not_learned_total",
    help: "Contacts of relayed REGISTERs that taught the gateway no phone, by the trouble with them. The log says it in words.",
    labels: { reason: CONTACT_TROUBLES },
  },
  devicesDisplaced: {
    type: "counter",
    name: "sip_pushd_devices_displaced_total",
    help: "Devices that lost a token or their place to the registration of another.",
    labels: {},
  },
  devicesPruned: {
    type: "counter",
    name: "sip_pushd_devices_pruned_total",
    help: "Tokens that were forgotten because the provider called them dead. A burst is a sign of wrong credentials.",
    labels: { provider: PROVIDER_NAMES },
  },
  tokensKept: {
    type: "counter",
    name: "sip_pushd_tokens_kept_total",
    help: "Tokens that the provider called dead, and so many others with them that they were not forgotten. See the alarm tokens_refused.",
    labels: { provider: PROVIDER_NAMES },
  },
  tokensReplaced: {
    type: "counter",
    name: "sip_pushd_tokens_replaced_total",
    help: "Tokens in whose place the provider gave another one.",
    labels: { provider: PROVIDER_NAMES },
  },
  environmentsLearned: {
    type: "counter",
    name: "sip_pushd_environments_learned_total",
    help: "Devices whose tokens Apple knows in the other environment than the app had named, by the right one. They were corrected.",
    labels: { environment: ENVIRONMENTS },
  },
  preferencesChanged: {
    type: "counter",
    name: "sip_pushd_preferences_changed_total",
    help: "Changes of subscribers' and domains' preferences.",
    labels: {},
  },
  signUps: {
    type: "counter",
    name: "sip_pushd_sign_ups_total",
    help: "Steps of people who sign up: a code was sent, a wrong one came back, the account was completed; or the rate limit, the form's own checks, a failure stopped it.",
    labels: { step: SIGN_UP_STEPS },
  },
  launches: {
    type: "counter",
    name: "sip_pushd_launches_total",
    help: "Launch links that were opened, by what became of them: sent on to the app, shown as a page, refused, or over the rate limit.",
    labels: { outcome: LAUNCH_OUTCOMES },
  },
} as const;
