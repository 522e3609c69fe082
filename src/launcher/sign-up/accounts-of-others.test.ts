import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DOMAIN_ID, startNgcpServer, type NgcpServer } from "../../../test/fixtures/ngcp/ngcp-server.ts";
import { ADA, anOrder, openAccounts } from "../../../test/fixtures/launch-fixture.ts";

let ngcp: NgcpServer;

beforeEach(async () => {
  ngcp = await startNgcpServer();
});

afterEach(() => ngcp[Symbol.asyncDispose]());

const rowsOf = (collection: "customercontacts" | "customers" | "subscribers") => [...ngcp.tables[collection].values()];
const living = () => rowsOf("customers").filter(({ status }) => status !== "terminated");

it("leaves the accounts of others alone", async () => {
  const { accounts } = openAccounts(ngcp);
  // The pattern a_a would match ada, too.
  await accounts.provide(anOrder());
  const other = anOrder({
    person: { ...ADA, email: "a_a@example.org" },
    externalId: "sip-pushd-other",
    username: "otherother",
  });

  await accounts.provide(other);

  expect(rowsOf("subscribers")).toMatchObject([
    { password: "aB3ccccc-ddd", username: "adaadaadaa" },
    { username: "otherother" },
  ]);
  expect(rowsOf("customercontacts")).toHaveLength(2);
});

it.each([
  [
    "a customer's",
    { firstname: "Ada", lastname: "Lovelace" },
    [{ id: 100, contact_id: 100, status: "active", external_id: "CRM-7" }],
  ],
  ["of another name", { firstname: "Ada", lastname: "King" }, []],
])("does not use a contact that is %s", async (_what, name, customers) => {
  ngcp.tables.customercontacts.set(100, { id: 100, email: ADA.email, reseller_id: 1, ...name });
  for (const customer of customers) ngcp.tables.customers.set(customer.id, customer);

  await openAccounts(ngcp).accounts.provide(anOrder());

  const customer = rowsOf("customers").find(({ external_id: id }) => id === "sip-pushd-ada");
  expect(customer?.["contact_id"]).not.toBe(100);
  expect(ngcp.tables.customercontacts.get(100)).toMatchObject(name);
  expect(rowsOf("customers").filter(({ id }) => id === 100)).toEqual(customers);
});

describe("with a contact that was there before, of the same name", () => {
  const contact = { id: 100, email: "Ada@Example.org", firstname: "Ada", lastname: "Lovelace", reseller_id: 1 };

  beforeEach(() => {
    ngcp.tables.customercontacts.set(100, contact);
    ngcp.tables.customers.set(100, { id: 100, contact_id: 100, status: "terminated", external_id: "sip-pushd-ada" });
  });

  it("uses it, but no customer that is terminated", async () => {
    await openAccounts(ngcp).accounts.provide(anOrder());

    expect(living()).toMatchObject([{ contact_id: 100, external_id: "sip-pushd-ada" }]);
    expect(rowsOf("customercontacts")).toEqual([contact]);
  });

  it("does not take it back", async () => {
    ngcp.failNext("POST subscribers", { status: 422 });

    await openAccounts(ngcp)
      .accounts.provide(anOrder())
      .catch(() => undefined);

    expect(living()).toEqual([]);
    expect(rowsOf("customercontacts")).toEqual([contact]);
  });
});

describe("in a release that does not know the filters", () => {
  /** Adds accounts that have nothing to do with the person who signs up. */
  const fill = ({ tables }: NgcpServer, count: number, other: object = {}): void => {
    for (let id = 1000; id < 1000 + count; id += 1) {
      tables.customercontacts.set(id, { id, email: `${id}@example.org`, reseller_id: 1, ...splitAda(), ...other });
      tables.subscribers.set(id, {
        id,
        customer_id: id + 5000,
        username: `user${id}`,
        password: "theirs",
        external_id: `${id}`,
      });
    }
  };
  const splitAda = () => ({ firstname: "Ada", lastname: "Lovelace" });
  const theirs = ({ tables }: NgcpServer) =>
    [...tables.subscribers.values()].filter(({ external_id: id }) => /^\d+$/.test(String(id)));

  it("touches no account of others, and uses nothing of theirs", async () => {
    const unknownFilters = ["subscriber_external_id", "email", "contact_id", "customer_id", "domain"];
    await using deaf = await startNgcpServer({ unknownFilters });
    fill(deaf, 3);
    fill(deaf, 1, { email: ADA.email, reseller_id: 2 });
    deaf.tables.customercontacts.set(900, { id: 900, email: ADA.email, reseller_id: 1, lastname: "King" });
    deaf.tables.customers.set(1000, { id: 1000, contact_id: 1001, status: "active", external_id: "sip-pushd-ada" });
    deaf.tables.domains.clear();
    deaf.tables.domains.set(1, { id: 1, domain: "elsewhere.example" });
    deaf.tables.domains.set(DOMAIN_ID, { id: DOMAIN_ID, domain: "example.org" });

    await openAccounts(deaf).accounts.provide(anOrder());

    expect(theirs(deaf).map(({ password }) => password)).toEqual(["theirs", "theirs", "theirs"]);
    const own = [...deaf.tables.subscribers.values()].find(({ username }) => username === "adaadaadaa");
    const customer = deaf.tables.customers.get(Number(own?.["customer_id"]));
    const contact = deaf.tables.customercontacts.get(Number(customer?.["contact_id"]));
    expect(own).toMatchObject({ domain_id: DOMAIN_ID });
    expect(contact).toMatchObject({ email: ADA.email, reseller_id: 1 });
    expect(contact?.id).toBeGreaterThan(1002);
  });

  it("finds an account among more than it lists, by its customer", async () => {
    await using old = await startNgcpServer({ unknownFilters: ["subscriber_external_id"] });
    fill(old, 100);
    const { accounts } = openAccounts(old);
    await accounts.provide(anOrder());

    await accounts.provide(anOrder({ password: "nEw45678-abc" }));

    expect([...old.tables.subscribers.values()].filter(({ id }) => id > 1099)).toMatchObject([
      { username: "adaadaadaa", password: "nEw45678-abc" },
    ]);
    expect([...old.tables.customers.values()]).toMatchObject([{ status: "active" }]);
  });

  it("completes a half-made account", async () => {
    await using old = await startNgcpServer({ unknownFilters: ["subscriber_external_id"] });
    const { accounts } = openAccounts(old);
    old.failNext("POST subscribers", ...Array.from({ length: 6 }, () => ({ status: 500 })));
    await accounts.provide(anOrder()).catch(() => undefined);
    old.failNext("POST subscribers", "lost answer");

    await accounts.provide(anOrder()).catch(() => undefined);
    await accounts.provide(anOrder());

    expect(old.tables.subscribers.size).toBe(1);
    expect(old.tables.customers.size).toBe(1);
  });
});
