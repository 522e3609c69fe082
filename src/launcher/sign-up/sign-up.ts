import type { Clock } from "../../gateway/clock.ts";
import type { GatewayEvents } from "../../gateway/gateway-events.ts";
import { encodeLink, type LinkSecret } from "../link.ts";
import { createRateLimit, type RateLimit } from "../rate-limit.ts";
import type { Accounts } from "./accounts.ts";
import { createBoundedMap } from "./bounded-map.ts";
import type { Messenger } from "./messenger.ts";
import { contactKey, type Person, type Verified } from "./person.ts";
import type { SignUpSecrets } from "./secrets.ts";
import { openTicket, sealTicket, type Ticket } from "./ticket.ts";

export interface SignUpDeps {
  readonly settings: SignUpSettings;
  readonly secrets: SignUpSecrets;
  readonly accounts: Accounts;
  readonly messenger: Messenger;
  readonly events: Pick<GatewayEvents, "signUp">;
  readonly clock: Clock;
  /** Returns six random digits. */
  readonly newCode: () => string;
  readonly newId: () => string;
}

export interface SignUpSettings {
  readonly verify: Verified;
  /** SIP domain of new subscribers. */
  readonly domain: string;
  /** Address of the launch handler, and the secret that encrypts its links. */
  readonly url: string;
  readonly linkSecret: LinkSecret;
  /** Sign-ups that one client may start per hour. */
  readonly signUpsPerHour: number;
  /** Codes sent per hour to everyone, which limits the cost of a flood. */
  readonly codesPerHour: number;
}

export type StartResult =
  | { readonly kind: "code_sent"; readonly ticket: string }
  | { readonly kind: "limited" | "failed" };

export type FinishResult =
  | { readonly kind: "done" | "expired" | "limited" | "failed" }
  | { readonly kind: "wrong_code"; readonly guessesLeft: number };

/** The two steps of a sign-up. */
export interface SignUp {
  /** Sends a code to the contact to be verified. */
  start(person: Person, address: string): Promise<StartResult>;
  /** With the right code, creates the account and sends the link. Repeating the call has the same result. */
  finish(sealed: string, code: string, address: string): Promise<FinishResult>;
}

const TICKET_MS = 15 * 60_000;
const MAX_GUESSES = 5;
/** Codes per hour to one address or number. */
const CODES_PER_CONTACT = 3;
const GUESSES_PER_CLIENT = 30;
const HOUR_MS = 3_600_000;
const EVERYBODY = "everybody";

export function createSignUp(deps: SignUpDeps): SignUp {
  const limits = createLimits(deps.settings);
  const guesses = createBoundedMap<string, number>();
  const finished = createBoundedMap<string, Promise<void>>();
  const { settings, secrets, messenger, events, clock, newCode, newId } = deps;

  function complete(ticket: Ticket): Promise<void> {
    const running = finished.get(ticket.id);
    if (running !== undefined) return running;
    const done = provide(deps, ticket);
    finished.set(ticket.id, done);
    // A failed step may be repeated with the same ticket.
    done.catch(() => finished.delete(ticket.id));
    return done;
  }

  return {
    async start(person, address) {
      const now = clock();
      const contact = contactKey(person, settings.verify);
      const mayGoOn =
        limits.starts.take(address, now) && limits.contacts.take(contact, now) && limits.codes.take(EVERYBODY, now);
      if (!mayGoOn) {
        events.signUp("limited");
        return { kind: "limited" };
      }
      const ticket = { id: newId(), person, code: newCode(), expiresAt: now + TICKET_MS };
      try {
        await messenger.sendCode(person, ticket.code);
      } catch (error) {
        events.signUp("failed", error);
        return { kind: "failed" };
      }
      events.signUp("code_sent");
      return { kind: "code_sent", ticket: sealTicket(secrets, ticket) };
    },
    async finish(sealed, code, address) {
      const now = clock();
      if (!limits.guesses.take(address, now)) {
        events.signUp("limited");
        return { kind: "limited" };
      }
      const ticket = openTicket(secrets, sealed, now);
      const made = ticket === undefined ? MAX_GUESSES : (guesses.get(ticket.id) ?? 0);
      if (ticket === undefined || made >= MAX_GUESSES) return { kind: "expired" };
      if (code !== ticket.code) {
        guesses.set(ticket.id, made + 1);
        events.signUp("wrong_code");
        return { kind: "wrong_code", guessesLeft: MAX_GUESSES - made - 1 };
      }
      try {
        await complete(ticket);
        return { kind: "done" };
      } catch (error) {
        events.signUp("failed", error);
        return { kind: "failed" };
      }
    },
  };
}

async function provide(deps: SignUpDeps, { id, person }: Ticket): Promise<void> {
  const { settings, secrets, accounts, messenger, events } = deps;
  const contact = contactKey(person, settings.verify);
  const credentials = { username: secrets.username(contact), password: secrets.password(id) };
  await accounts.provide({ person, externalId: secrets.externalId(contact), ...credentials });
  const link = encodeLink({ ...credentials, server: settings.domain }, settings.linkSecret);
  await messenger.sendLink(person, { url: settings.url, link });
  events.signUp("completed");
}

interface Limits {
  readonly starts: RateLimit;
  readonly contacts: RateLimit;
  readonly codes: RateLimit;
  readonly guesses: RateLimit;
}

function createLimits({ signUpsPerHour, codesPerHour }: SignUpSettings): Limits {
  const perHour = (count: number): RateLimit => createRateLimit({ count, periodMs: HOUR_MS });
  return {
    starts: perHour(signUpsPerHour),
    contacts: perHour(CODES_PER_CONTACT),
    codes: perHour(codesPerHour),
    guesses: perHour(GUESSES_PER_CLIENT),
  };
}
