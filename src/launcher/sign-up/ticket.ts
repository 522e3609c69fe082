import type { Person } from "./person.ts";
import type { SignUpSecrets } from "./secrets.ts";

/**
 * A sign-up between its two steps. The browser carries it, sealed. Any process or gateway can therefore serve the
 * second step, and nobody stores the data of people who do not finish.
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

/** Returns the ticket, or undefined if it was not sealed with this secret or has expired. */
export function openTicket(secrets: Pick<SignUpSecrets, "open">, sealed: string, now: number): Ticket | undefined {
  // The seal guarantees the type.
  const ticket = secrets.open(sealed) as Ticket | undefined;
  return ticket !== undefined && ticket.expiresAt > now ? ticket : undefined;
}
