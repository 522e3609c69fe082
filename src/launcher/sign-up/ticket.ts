import type { Person } from "./person.ts";
import type { SignUpSecrets } from "./secrets.ts";

/**
 * A sign-up between its two steps. The browser carries it, sealed: whichever process or gateway gets the second step can do it, and none
 * has to keep what somebody typed and never came back for.
 */
export interface Ticket {
  readonly id: string;
  readonly person: Person;
  readonly code: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export function sealTicket(secrets: Pick<SignUpSecrets, "seal">, ticket: Ticket): string {
  return secrets.seal(ticket);
}

/** Undefined for what we have not sealed, and for what is too old. */
export function openTicket(secrets: Pick<SignUpSecrets, "open">, sealed: string, now: number): Ticket | undefined {
  // Nobody but us can have written it.
  const ticket = secrets.open(sealed) as Ticket | undefined;
  return ticket !== undefined && ticket.expiresAt > now ? ticket : undefined;
}
