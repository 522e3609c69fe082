import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DOMAIN_ID, startNgcpServer, type Mishap, type NgcpServer } from "../../../test/fixtures/ngcp/ngcp-server.ts";
import { ADA, anOrder, openAccounts } from "../../../test/fixtures/launch-fixture.ts";
import { NgcpError } from "./ngcp-api.ts";

let ngcp: NgcpServer;

beforeEach(async () => {
  ngcp = await startNgcpServer();
});

afterEach(() => ngcp[Symbol.asyncDispose]());

const rowsOf = (collection: "customercontacts" | "customers" | "subscribers") => [...ngcp.tables[collection].values()];
const living = () => rowsOf("customers").filter(({ status }) => status !== "terminated");

/** NGCP's data after a sign-up, without generated numbers. */
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

  it("is a domain that it does not have", async () => {
    await expect(openAccounts(ngcp, { domain: "elsewhere.example" }).accounts.provide(anOrder())).rejects.toThrow(
      "NGCP has no domain elsewhere.example",
    );
    expect(living()).toEqual([]);
  });
});
