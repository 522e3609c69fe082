import type { HttpDeps } from "../http/http-deps.ts";
import { foldAor, type Aor } from "../push/address.ts";

/**
 * Implements `subscribers.fold_case`: wraps the use cases so that the users of all subscribers are in lower case.
 * `isWanted` is called at each request, so that a changed configuration applies at once.
 */
export function foldSubscribers(deps: HttpDeps, isWanted: () => boolean): HttpDeps {
  const { acceptPush, registrations, calls, preferences, takeRegister } = deps;
  const fold = (aor: Aor): Aor => (isWanted() ? foldAor(aor) : aor);
  return {
    ...deps,
    acceptPush: (request, door) => acceptPush({ ...request, callee: fold(request.callee) }, door),
    takeRegister: (subscriber, register) => takeRegister(fold(subscriber), register),
    registrations: {
      register: (device, options) =>
        registrations.register({ ...device, subscriber: fold(device.subscriber) }, options),
      unregister: (subscriber, deviceId) => registrations.unregister(fold(subscriber), deviceId),
      list: (subscriber) => registrations.list(fold(subscriber)),
    },
    calls: {
      ...calls,
      hear: ({ callee, ...selector }, event, options) =>
        calls.hear({ ...selector, ...(callee === undefined ? {} : { callee: fold(callee) }) }, event, options),
      listLatest: (callee, limit) => calls.listLatest(fold(callee), limit),
      awaitVerdict: ({ callee, id }, waitMs, onWait) =>
        calls.awaitVerdict({ callee: fold(callee), id }, waitMs, onWait),
    },
    preferences: {
      ...preferences,
      readSubscriber: (subscriber) => preferences.readSubscriber(fold(subscriber)),
      patchSubscriber: (subscriber, patch) => preferences.patchSubscriber(fold(subscriber), patch),
    },
  };
}
