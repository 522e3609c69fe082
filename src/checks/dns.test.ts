import { afterAll, beforeAll, expect, it } from "vitest";
import { startNameServer, type NameServer } from "../../test/fixtures/name-server.ts";
import { createDnsCheck, type DnsCheckInput } from "./dns.ts";
import { createDnsResolver } from "./resolver.ts";

const GOOD = `
@ IN NS ns1
@ IN NS ns2
ns1 IN A 192.0.2.1
ns2 IN AAAA 2001:db8::2
push IN A 192.0.2.10
push IN AAAA 2001:db8::10
lb1 IN A 192.0.2.11
sip IN A 192.0.2.12
xmpp1 IN A 192.0.2.13
xmpp2 IN A 192.0.2.14
_xmpp-server._tcp IN SRV 20 0 5269 xmpp2
_xmpp-server._tcp IN SRV 10 5 5269 xmpp1
_xmpp-client._tcp IN SRV 10 5 5222 xmpp1
_sips._tcp IN SRV 10 5 5061 sip
_xmpp-server._tcp.sub IN SRV 10 5 5269 xmpp1
`;

const BROKEN = `
@ IN NS ns1
ns1 IN A 192.0.2.1
push IN A 192.0.2.99
_xmpp-client._tcp IN SRV 0 0 0 .
_sips._tcp IN SRV 10 5 5061 gone
_sips._tcp IN SRV 20 5 5061 ns1
`;

let server: NameServer;

beforeAll(async () => {
  server = await startNameServer({
    "example.org": GOOD,
    "broken.example": BROKEN,
    "lost.example": "@ IN NS ns.elsewhere.example.\n@ IN NS ns\nns IN A 192.0.2.1\n",
    "bad.example": "@ IN NS ns\nns IN A this is no address\n",
  });
});

afterAll(() => server[Symbol.asyncDispose]());

const SERVICES = ["_xmpp-server._tcp", "_xmpp-client._tcp", "_sips._tcp"];

function check(input: Partial<DnsCheckInput>, address = server.address) {
  const resolver = createDnsResolver({ servers: [address], timeoutMs: 1_000 });
  const none = { domains: [], names: [], services: [] };
  return createDnsCheck({ resolver, ...none, ...input }).run(AbortSignal.timeout(10_000));
}

/** Omits findings that only exist because a test checks one thing at a time. */
async function findings(input: Partial<DnsCheckInput>, address?: string) {
  return (await check(input, address)).filter(({ verdict }) => verdict !== "skipped");
}

it("is all green for a right zone, and lists what stands there", async () => {
  const names = [
    { name: "push.example.org", role: "service", addresses: ["192.0.2.10", "2001:0db8:0::0010"] },
    { name: "lb1.example.org", role: "load balancer", addresses: [] },
  ];

  expect(await check({ domains: ["example.org"], names, services: SERVICES })).toEqual([
    { verdict: "ok", what: "push.example.org (service): 192.0.2.10, 2001:db8::10" },
    { verdict: "ok", what: "lb1.example.org (load balancer): 192.0.2.11" },
    { verdict: "ok", what: "example.org: name servers ns1.example.org, ns2.example.org" },
    {
      verdict: "ok",
      what: "_xmpp-server._tcp.example.org: xmpp1.example.org:5269 priority 10 weight 5; xmpp2.example.org:5269 priority 20 weight 0",
    },
    { verdict: "ok", what: "_xmpp-client._tcp.example.org: xmpp1.example.org:5222 priority 10 weight 5" },
    { verdict: "ok", what: "_sips._tcp.example.org: sip.example.org:5061 priority 10 weight 5" },
  ]);
});

it("finds the zone above a domain that is none of its own", async () => {
  expect(await findings({ domains: ["sub.example.org"] })).toEqual([
    { verdict: "ok", what: "sub.example.org (zone example.org): name servers ns1.example.org, ns2.example.org" },
  ]);
});

it("reports every planted fault of a broken zone", async () => {
  const names = [
    { name: "push.broken.example", role: "service", addresses: ["192.0.2.10"] },
    { name: "lb.broken.example", role: "load balancer", addresses: [] },
  ];

  expect(await findings({ domains: ["broken.example"], names, services: SERVICES })).toMatchObject([
    { verdict: "failed", what: "push.broken.example (service) leads to 192.0.2.99; it should be 192.0.2.10." },
    { verdict: "failed", what: "lb.broken.example (load balancer) has no address." },
    { verdict: "warning", what: "broken.example has one name server alone: ns1.broken.example." },
    {
      verdict: "failed",
      what: "There is no SRV record _xmpp-server._tcp.broken.example.",
      mend: "Add it: _xmpp-server._tcp.broken.example. IN SRV 10 10 5269 host.broken.example.",
    },
    { verdict: "warning", what: `_xmpp-client._tcp.broken.example says that the service is not offered (target ".").` },
    {
      verdict: "failed",
      what: "_sips._tcp.broken.example leads to names without an address: gone.broken.example (gone.broken.example:5061 priority 10 weight 5; ns1.broken.example:5061 priority 20 weight 5).",
    },
  ]);
});

it("misses an address of two, and notices a strange one", async () => {
  const expected = (addresses: string[]) => ({ names: [{ name: "push.example.org", role: "service", addresses }] });

  expect(await findings(expected(["192.0.2.10", "2001:db8::10", "192.0.2.77"]))).toMatchObject([{ verdict: "failed" }]);
  expect(await findings(expected(["192.0.2.10"]))).toMatchObject([{ verdict: "failed" }]);
});

it("reports name servers that have no address", async () => {
  expect(await findings({ domains: ["lost.example"] })).toMatchObject([
    { verdict: "failed", what: "Name servers of lost.example have no address: ns.elsewhere.example." },
  ]);
});

it("says so when the name server has a fault, or refuses", async () => {
  expect(await findings({ domains: ["bad.example"] })).toMatchObject([
    { verdict: "failed", what: expect.stringContaining("the name server has a fault of its own (SERVFAIL)") },
  ]);
  expect(await findings({ domains: ["strange.example"] })).toMatchObject([
    { verdict: "failed", what: expect.stringContaining("the name server refuses to answer") },
  ]);
});

it("says so when no resolver answers", async () => {
  expect(await findings({ domains: ["example.org"] }, "127.0.0.1:1")).toMatchObject([
    { verdict: "failed", what: "example.org could not be looked up at 127.0.0.1:1: nothing listens there." },
  ]);
});

it("says what it was not told", async () => {
  expect(await check({})).toMatchObject([
    { verdict: "skipped", what: "No host names are configured." },
    { verdict: "skipped", what: "No domain is configured." },
  ]);
});
