import type { Explanations } from "./explanation.ts";

/** Likely causes if a phone did not ring although its provider accepted the push. */
export const SLEEPING_PHONE_EXPLANATIONS = {
  never_came: {
    meaning: "The provider took the push, and the phone did not register with the SIP proxy.",
    likelyCause:
      "The phone was off or without network, its system holds the app back (battery saver, app force-stopped), or the app woke and could not register.",
    whatToDo:
      "Ask whether the phone showed the call. If so, look in the SIP proxy's log for its REGISTER. If not, open the app, and try 'sip-pushd send'.",
  },
  ended_too_soon: {
    meaning: "The provider took the push, and the call was over before the phone could be there.",
    likelyCause: "A phone needs about two seconds to wake and register, and longer on a bad network.",
    whatToDo:
      "Nothing, if the caller hung up. If the platform gave up, let it wait longer for phones: 20 seconds and more.",
  },
  came_too_late: {
    meaning: "The phone woke and registered, but the call was over by then.",
    likelyCause: "A bad network, a phone in deep sleep, or an app that starts slowly.",
    whatToDo:
      "Let calls wait longer: the proxy's own time, and mobile_push_expiry or calls.ttl_seconds. Compare sip_pushd_wake_time_seconds: is it this phone or all?",
  },
  sent_too_late: {
    meaning: "The provider took the push so late that the phone had little time left.",
    likelyCause: "The attempts before it failed, or were kept back: see above.",
    whatToDo: "Mend what the attempts met; if it was the gateway's own load, see sip_pushd_accept_to_provider_seconds.",
  },
  withdrawn: {
    meaning: "The call was over before the provider was known to have the push.",
    likelyCause: "The caller hung up at once, or the push had to wait for its turn.",
    whatToDo:
      "Nothing, if it was so. If it comes often, look at sip_pushd_accept_to_provider_seconds and the alarms in /readyz.",
  },
} as const satisfies Explanations;

export type SleepingPhone = keyof typeof SLEEPING_PHONE_EXPLANATIONS;
