import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCertificateChain } from "../../../test/support/certificate-chain.ts";
import { createCredentialFiles } from "../../../test/support/credential-files.ts";
import { DOMAIN_ID, startNgcpServer, type Mishap, type NgcpServer } from "../../../test/support/ngcp/ngcp-server.ts";
import { ADA, anOrder, openAccounts } from "../../../test/support/sign-up-scene.ts";
import { createNgcpApi, NgcpError } from "./ngcp-api.ts";

let ngcp: NgcpServer;

beforeEach(async () => {
  ngcp = await startNgcpServer();
});

afterEach(() => ngcp[Symbol.asyncDispose]());

const rowsOf = (collection: "customercontacts" | "customers" | "subscribers") => [...ngcp.tables[collection].values()];
const living = () => rowsOf("customers").filter(({ status }) => status !== "terminated");

/** What NGCP has after a sign-up, without what it numbers itself. */
function made(): object {
  return {
    contacts: rowsOf("customercontacts").length,
    customers: living().map(({ id, external_id: externalId }) => ({ id, externalId })),
    subscribers: rowsOf("subscribers").map(({ username, external_id: externalId }) => ({ username, externalId })),
  };
}

function oneAccount(): object {
  return {
    contacts: 1,
    customers: [{ id: rowsOf("subscribers")[0]?.["customer_id"], externalId: "sip-pushd-ada" }],
    subscribers: [{ username: "adaadaadaa", externalId: "sip-pushd-ada" }],
  };
}

it("makes contact, customer and subscriber, in NGCP's order", async () => {
  await openAccounts(ngcp).accounts.provide(anOrder());

  const [contact] = rowsOf("customercontacts");
  const [customer] = rowsOf("customers");
  expect(ngcp.asked.filter((request) => request.startsWith("POST"))).toEqual([
    "POST customercontacts",
    "POST customers",
    "POST subscribers",
  ]);
  expect(contact).toMatchObject({
    email: ADA.email,
    firstname: "Ada",
    lastname: "Lovelace",
    mobilenumber: ADA.phone,
    reseller_id: 1,
  });
  expect(customer).toMatchObject({ contact_id: contact?.id, status: "active", type: "sipaccount", max_subscribers: 1 });
  expect(rowsOf("subscribers")).toMatchObject([
    {
      customer_id: customer?.id,
      domain_id: DOMAIN_ID,
      username: "adaadaadaa",
      password: "aB3ccccc-ddd",
      display_name: "Ada Lovelace",
      administrative: 0,
      status: "active",
    },
  ]);
});

it("comes in with a client certificate, too", async () => {
  using files = createCredentialFiles();
  const chain = createCertificateChain(files);
  const identity = chain.issue("client", { names: "DNS:sip-pushd" });
  files.openssl(
    "x509",
    "-req",
    "-in",
    "client.csr",
    "-CA",
    "chain-root.pem",
    "-CAkey",
    "chain-root-key.pem",
    "-CAcreateserial",
    "-days",
    "9",
    "-out",
    "client.pem",
  );
  await using server = await startNgcpServer({ clientCa: chain.root });
  const tls = { ca: server.certificate, certificate: files.read("client.pem"), key: identity.key };

  expect(await createNgcpApi({ url: server.url, tls }).list("domains", {})).toHaveLength(1);
  await expect(createNgcpApi({ url: server.url, tls: { ca: server.certificate } }).list("domains", {})).rejects.toThrow(
    "HTTP 401",
  );
});

it("trusts no other server than the one it is told to", async () => {
  const api = createNgcpApi({ url: ngcp.url, login: ngcp.login, tls: {} });

  await expect(api.list("domains", {})).rejects.toThrow(/does not answer: self-signed certificate/);
});

it("gives who has an account a new password, and makes no second one", async () => {
  const { accounts } = openAccounts(ngcp);
  await accounts.provide(anOrder());

  await accounts.provide(anOrder({ password: "nEw45678-abc" }));

  expect(made()).toEqual(oneAccount());
  expect(rowsOf("subscribers")).toMatchObject([{ password: "nEw45678-abc" }]);
});

it("makes one account of two clicks, and of two gateways at once", async () => {
  const [one, other] = [openAccounts(ngcp).accounts, openAccounts(ngcp).accounts];

  await Promise.all([one.provide(anOrder()), one.provide(anOrder()), other.provide(anOrder())]);

  expect(made()).toEqual(oneAccount());
});

it("does one sign-up of a contact after the other, whatever becomes of the first", async () => {
  const { accounts } = openAccounts(ngcp);
  ngcp.failNext("POST subscribers", { status: 422 });

  const results = await Promise.allSettled([accounts.provide(anOrder()), accounts.provide(anOrder())]);
  await accounts.provide(anOrder());

  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(ngcp.asked.filter((request) => request === "POST customers")).toHaveLength(2);
  expect(made()).toEqual(oneAccount());
});

it("makes two of two people", async () => {
  const { accounts } = openAccounts(ngcp);
  const bob = anOrder({
    person: { ...ADA, email: "bob@example.org" },
    externalId: "sip-pushd-bob",
    username: "bobbobbobb",
  });

  await Promise.all([accounts.provide(anOrder()), accounts.provide(bob)]);

  expect(new Set(rowsOf("subscribers").map(({ username }) => username))).toEqual(new Set(["adaadaadaa", "bobbobbobb"]));
  expect(rowsOf("subscribers")).toHaveLength(2);
});

describe("after a mishap", () => {
  const STEPS = ["POST customercontacts", "POST customers", "POST subscribers", "GET domains", "GET subscribers"];
  const MISHAPS: readonly Mishap[] = ["no answer", "lost answer", { status: 500 }, { status: 503 }];

  it.each(STEPS.flatMap((step) => MISHAPS.map((mishap) => [step, mishap] as const)))(
    "at %s (%j) it goes on where it was",
    async (step, mishap) => {
      ngcp.failNext(step, mishap);
      const { accounts } = openAccounts(ngcp);

      await accounts.provide(anOrder());

      expect(made()).toEqual(oneAccount());
    },
  );

  it.each(STEPS)("that lasts, at %s, a later sign-up completes what is there", async (step) => {
    const lasting: readonly Mishap[] = ["lost answer", "no answer", { status: 500 }];
    ngcp.failNext(step, ...lasting, ...lasting);
    const { accounts, pauses } = openAccounts(ngcp);

    const failed = await accounts.provide(anOrder()).catch((error: unknown) => error);
    const again = await accounts.provide(anOrder()).catch((error: unknown) => error);
    if (again !== undefined) await accounts.provide(anOrder());

    expect(failed === undefined || failed instanceof NgcpError).toBe(true);
    expect(pauses.slice(0, 2)).toEqual([500, 1000].slice(0, pauses.length));
    expect(made()).toEqual(oneAccount());
  });
});

describe("in a release that does not know the filters", () => {
  /** Who is there already, and has nothing to do with who signs up. */
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

describe("what NGCP refuses", () => {
  it("is taken back, and said without the person's data", async () => {
    const { accounts } = openAccounts(ngcp);
    const message = `Validation failed. field='email', input='${ADA.email}', errors='no'`;
    ngcp.failNext("POST subscribers", { status: 422, message });

    const error = await accounts.provide(anOrder()).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(NgcpError);
    expect(String(error)).toBe(
      "NgcpError: NGCP refused POST /api/subscribers/: HTTP 422, Validation failed. field='email', input=…, errors='no'",
    );
    expect(living()).toEqual([]);
    expect(rowsOf("customercontacts")).toEqual([]);
  });

  it("is taken back whole, when an earlier try has made half of it", async () => {
    ngcp.failNext("POST subscribers", { status: 500 }, { status: 422 });

    await expect(openAccounts(ngcp).accounts.provide(anOrder())).rejects.toThrow("HTTP 422");

    expect(living()).toEqual([]);
    expect(rowsOf("customercontacts")).toEqual([]);
  });

  it("is not tried again", async () => {
    const { accounts } = openAccounts(ngcp, { billingProfileId: 99 });

    await expect(accounts.provide(anOrder())).rejects.toThrow("Invalid 'billing_profile_id'.");

    expect(ngcp.asked.filter((request) => request === "POST customers")).toHaveLength(1);
  });

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

  it("is a domain that it does not have", async () => {
    await expect(openAccounts(ngcp, { domain: "elsewhere.example" }).accounts.provide(anOrder())).rejects.toThrow(
      "NGCP has no domain elsewhere.example",
    );
    expect(living()).toEqual([]);
  });
});
