import type { Sleep } from "../../gateway/sleep.ts";
import { NgcpError, type NgcpApi, type Resource } from "./ngcp-api.ts";
import { splitName, type Person } from "./person.ts";
import { compact } from "../../push/compact.ts";

export interface AccountSettings {
  readonly resellerId: number;
  readonly billingProfileId: number;
  readonly customerType: "sipaccount" | "pbxaccount";
  readonly domain: string;
  readonly profileSetId?: number;
  readonly profileId?: number;
}

/** Account to create. */
export interface AccountOrder {
  readonly person: Person;
  /** Always the same for one contact, so that a half-made account can be found again. */
  readonly externalId: string;
  readonly username: string;
  readonly password: string;
}

export interface Accounts {
  /**
   * Creates the account, or the missing parts of it. An existing one gets the new password. Rejects with an NgcpError.
   */
  provide(order: AccountOrder): Promise<void>;
}

export interface AccountsDeps {
  readonly api: NgcpApi;
  readonly settings: AccountSettings;
  readonly sleep: Sleep;
}

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Creates contact, customer and subscriber in order. Each step first looks for the result of an earlier attempt, so a
 * lost answer, a crash or a second click creates no second account. Steps that cannot be completed are undone.
 */
export function createAccounts({ api, settings, sleep }: AccountsDeps): Accounts {
  /** Serialises the orders of each contact. */
  const running = new Map<string, Promise<void>>();

  async function provide(order: AccountOrder): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await provideOnce(api, settings, order);
        return;
      } catch (error) {
        if (!(error instanceof NgcpError) || !error.isTransient || tries >= TRIES) throw error;
        await sleep(PAUSE_MS * tries);
      }
    }
  }

  return {
    async provide(order) {
      const before = running.get(order.externalId) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => provide(order));
      running.set(order.externalId, mine);
      try {
        await mine;
      } finally {
        if (running.get(order.externalId) === mine) running.delete(order.externalId);
      }
    },
  };
}

async function provideOnce(api: NgcpApi, settings: AccountSettings, order: AccountOrder): Promise<void> {
  const existing = await findSubscriber(api, order);
  if (existing !== undefined) return api.replace("subscribers", existing.id, "password", order.password);
  const customer = await provideCustomer(api, settings, order);
  const { customerId } = customer;
  const theirs = await api.list("subscribers", { customer_id: String(customerId) });
  const own = theirs.find((found) => found["customer_id"] === customerId);
  if (own !== undefined) return api.replace("subscribers", own.id, "password", order.password);
  try {
    await createSubscriber(api, settings, order, customerId);
  } catch (error) {
    await settle(api, order, customer, error);
  }
}

/** Old releases ignore the filter and return other subscribers as well. */
async function findSubscriber(api: NgcpApi, { externalId }: AccountOrder): Promise<Resource | undefined> {
  const found = await api.list("subscribers", { subscriber_external_id: externalId });
  return found.find((subscriber) => subscriber["external_id"] === externalId);
}

interface CustomerIds {
  readonly customerId: number;
  /** Set only for a contact that a sign-up created, never for one of the staff's. */
  readonly ownContactId?: number;
}

async function provideCustomer(api: NgcpApi, settings: AccountSettings, order: AccountOrder): Promise<CustomerIds> {
  const { person, externalId } = order;
  let unused: Resource | undefined;
  for (const contact of await findContacts(api, settings, person)) {
    const customers = (await api.list("customers", { contact_id: String(contact.id) })).filter(
      (customer) => customer["contact_id"] === contact.id && customer["status"] !== "terminated",
    );
    const own = customers.find((customer) => customer["external_id"] === externalId);
    if (own !== undefined) return { customerId: own.id, ownContactId: contact.id };
    if (customers.length === 0 && isContactOf(contact, person)) unused ??= contact;
  }
  const contactId = unused?.id ?? (await createContact(api, settings, person));
  const customerId = await api.create("customers", {
    status: "active",
    contact_id: contactId,
    billing_profile_id: settings.billingProfileId,
    type: settings.customerType,
    external_id: externalId,
    // Makes NGCP itself refuse a second subscriber.
    max_subscribers: 1,
  });
  return compact({ customerId, ownContactId: unused === undefined ? contactId : undefined });
}

async function findContacts(
  api: NgcpApi,
  { resellerId }: AccountSettings,
  { email }: Person,
): Promise<readonly Resource[]> {
  const found = await api.list("customercontacts", { email });
  return found.filter(
    (contact) =>
      typeof contact["email"] === "string" &&
      contact["email"].toLowerCase() === email.toLowerCase() &&
      contact["reseller_id"] === resellerId,
  );
}

function isContactOf(contact: Resource, { name }: Person): boolean {
  const { firstname, lastname } = splitName(name);
  return (contact["firstname"] ?? "") === firstname && contact["lastname"] === lastname;
}

function createContact(api: NgcpApi, { resellerId }: AccountSettings, { name, email, phone }: Person): Promise<number> {
  const { firstname, lastname } = splitName(name);
  return api.create(
    "customercontacts",
    compact({
      email,
      firstname,
      lastname,
      mobilenumber: phone,
      reseller_id: resellerId,
    }),
  );
}

async function createSubscriber(
  api: NgcpApi,
  { domain, customerType, profileSetId, profileId }: AccountSettings,
  { person, externalId, username, password }: AccountOrder,
  customerId: number,
): Promise<void> {
  const domains = await api.list("domains", { domain });
  const found = domains.find((candidate) => candidate["domain"] === domain);
  if (found === undefined) throw new NgcpError(`NGCP has no domain ${domain}`, false);
  await api.create(
    "subscribers",
    compact({
      customer_id: customerId,
      domain_id: found.id,
      username,
      password,
      email: person.email,
      display_name: person.name,
      external_id: externalId,
      profile_set_id: profileSetId,
      profile_id: profileId,
      is_pbx_pilot: customerType === "pbxaccount" ? 1 : undefined,
      administrative: 0,
      status: "active",
    }),
  );
}

/**
 * The subscriber was not created: it exists already, a concurrent request created it, NGCP will create it later, or
 * never.
 */
async function settle(api: NgcpApi, order: AccountOrder, ids: CustomerIds, error: unknown): Promise<void> {
  const other = await findSubscriber(api, order).catch(() => undefined);
  if (other !== undefined) {
    if (other["customer_id"] !== ids.customerId) await takeBack(api, ids);
    return api.replace("subscribers", other.id, "password", order.password);
  }
  const isTransient = error instanceof NgcpError && error.isTransient;
  if (!isTransient) await takeBack(api, ids);
  throw error;
}

/** Best effort. Anything left has no subscriber, and the contact's next sign-up reuses it. */
async function takeBack(api: NgcpApi, { customerId, ownContactId }: CustomerIds): Promise<void> {
  try {
    await api.replace("customers", customerId, "status", "terminated");
    if (ownContactId !== undefined) await api.remove("customercontacts", ownContactId);
  } catch {
    // Report the original error instead of this one.
  }
}
