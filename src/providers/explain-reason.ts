import { providerTrouble, type Explanation } from "../push/explanations/explanation.ts";
import { ATTEMPT_EXPLANATIONS, PUSH_EXPLANATIONS } from "../push/explanations/gateway.ts";
import { UNREACHED_EXPLANATIONS } from "../push/explanations/unreached.ts";
import { PROVIDERS, VENDORS } from "./providers.ts";

const UNKNOWN: Explanation = {
  meaning: "This is a word that sip-pushd does not know.",
  likelyCause: "The provider may have introduced it lately.",
  whatToDo: "Look the word up in the provider's documentation, and report it so that it gets an explanation here.",
};

const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map([
  ...PROVIDERS.flatMap(({ explanations }) => Object.keys(explanations)).map(
    (reason) => [reason, mergeExplanations(reason)] as const,
  ),
  ...[UNREACHED_EXPLANATIONS, ATTEMPT_EXPLANATIONS, PUSH_EXPLANATIONS].flatMap((table) =>
    Object.entries<Explanation>(table),
  ),
]);

/** Returns one explanation of a reason that several vendors use, with the advice for each of them. */
function mergeExplanations(reason: string): Explanation {
  const found = PROVIDERS.flatMap(({ explanations, vendor }) => {
    const explanation = explanations[reason];
    return explanation === undefined ? [] : [{ explanation, vendor }];
  });
  const [first] = found;
  if (first === undefined) return UNKNOWN;
  const advice = new Map(found.map(({ explanation, vendor }) => [explanation.whatToDo, vendor.name]));
  if (advice.size === 1) return first.explanation;
  const whatToDo = [...advice].map(([text, name]) => `${name}: ${text}`).join(" ");
  return { ...first.explanation, whatToDo };
}

/**
 * Returns what the reason of a push or delivery means, and what to do about it. An unknown reason gets a general
 * explanation.
 */
export function explainReason(reason: string): Explanation {
  return EXPLANATIONS.get(reason) ?? explainStatus(reason) ?? UNKNOWN;
}

/** Explains `HTTP 502` and the like, for answers without a reason. */
function explainStatus(reason: string): Explanation | undefined {
  const status = Number(/^HTTP ([1-5]\d\d)$/.exec(reason)?.[1]);
  if (Number.isNaN(status)) return undefined;
  if (status >= 500)
    return providerTrouble(`The provider, or a server before it, answered with error ${status}.`, ...VENDORS);
  if (status === 429) return THROTTLED;
  if (status === 408)
    return providerTrouble("The provider, or a server before it, gave the request up (HTTP 408).", ...VENDORS);
  if (status === 401 || status === 403 || status === 407) {
    return { ...NOT_THE_PROVIDER, meaning: `Entry was refused with HTTP ${status}, without a word of the provider's.` };
  }
  return { ...NOT_THE_PROVIDER, meaning: `The answer was HTTP ${status}, without a word of the provider's.` };
}

const THROTTLED: Explanation = {
  meaning: "The provider wants fewer requests (HTTP 429).",
  likelyCause: "A burst of pushes, or a loop that pushes to one phone again and again.",
  whatToDo: "Wait a few minutes; if it lasts, look in the gateway's log for who pushes so often.",
};

const NOT_THE_PROVIDER: Omit<Explanation, "meaning"> = {
  likelyCause: "Not the provider's application but a proxy, or the server of a wrong endpoint, has answered.",
  whatToDo: "Check the endpoint in the gateway's configuration, and any proxy between the gateway and the provider.",
};
