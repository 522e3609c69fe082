import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
});

afterAll(() => fixture[Symbol.dispose]());

const PLAIN = "listen: [{port: 8080}]\n";

it("asks pool.ntp.org, the system's resolver and for three services where nothing is said", () => {
  expect(fixture.load(`${PLAIN}domains: [{domain: Example.org}]`).config.checklist).toEqual({
    names: [],
    domains: ["example.org"],
    services: ["_xmpp-server._tcp", "_xmpp-client._tcp", "_sips._tcp"],
    resolvers: [],
    ntpServers: [{ host: "pool.ntp.org", port: 123 }],
  });
});

it("takes names with their addresses, resolvers and time servers of one's own", () => {
  const { config } = fixture.load(`${PLAIN}checklist:
  names: [{name: Push.example.org, addresses: [192.0.2.1, '2001:db8::1']}, {name: lb1.example.org, role: load_balancer}]
  domains: [example.org]
  services: [_sip._udp]
  resolvers: [192.0.2.53, '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]:53']
  ntp_servers: [ntp.example.org, '192.0.2.1:1123', '[2001:db8::1]:1123', '2001:db8::2']
  ca_file: ca.pem
`);

  expect(config.checklist).toEqual({
    names: [
      { name: "push.example.org", role: "service", addresses: ["192.0.2.1", "2001:db8::1"] },
      { name: "lb1.example.org", role: "load_balancer", addresses: [] },
    ],
    domains: ["example.org"],
    services: ["_sip._udp"],
    resolvers: ["192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:53"],
    ntpServers: [
      { host: "ntp.example.org", port: 123 },
      { host: "192.0.2.1", port: 1123 },
      { host: "2001:db8::1", port: 1123 },
      { host: "2001:db8::2", port: 123 },
    ],
    caFile: fixture.files.path("ca.pem"),
  });
});

describe("refuses", () => {
  it.each([
    ["names: [{name: 'a b'}]", `checklist.names[0].name: expected a host name, found "a b"`],
    ["names: [{name: 192.0.2.1}]", `checklist.names[0].name: expected a host name, found "192.0.2.1"`],
    ["names: [{name: a, addresses: [b]}]", `checklist.names[0].addresses: expected an address, found "b"`],
    ["names: [{name: a, role: x}]", "checklist.names[0].role: expected one of service, load_balancer, shared"],
    ["domains: ['a b']", `checklist.domains: expected a host name, found "a b"`],
    ["services: [sips]", "checklist.services[0]: expected a service as in an SRV record"],
    [
      "resolvers: [dns.example.org]",
      `checklist.resolvers: expected an address, or address:port, found "dns.example.org"`,
    ],
    ["ntp_servers: ['a:b:c']", `checklist.ntp_servers: expected host or host:port, found "a:b:c"`],
  ])("%s", (checklist, problem) => {
    expect(fixture.problemsOf(`${PLAIN}checklist: {${checklist}}`)[0]).toContain(`config.yml:2: ${problem}`);
  });
});
