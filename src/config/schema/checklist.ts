import { Type } from "typebox";
import { pemPath } from "./parts.ts";

const Name = Type.Object({
  name: Type.String({ description: "Host name.", minLength: 1, example: "push.example.org" }),
  role: Type.Enum(["service", "load_balancer", "shared"], {
    description:
      "Its role: the `service` itself, or a name that several nodes share (`shared`), both of which must be in the gateway's certificate; or a `load_balancer`.",
    default: "service",
  }),
  addresses: Type.Array(Type.String({ expects: "an IPv4 or IPv6 address", example: "192.0.2.1" }), {
    description: "Addresses that it must resolve to; empty for any.",
    default: [],
  }),
});

export const Checklist = Type.Object(
  {
    names: Type.Array(Name, { description: "Host names by which phones and proxies reach the gateway.", default: [] }),
    domains: Type.Array(Type.String({ expects: "a domain", example: "example.org" }), {
      description: "Domains whose zone is checked; empty for those of `domains`.",
      default: [],
    }),
    services: Type.Array(
      Type.String({
        pattern: "^_[a-z0-9-]+\\._(?:tcp|udp|sctp)$",
        expects: "a service as in an SRV record",
        example: "_sips._tcp",
      }),
      {
        description: "SRV records that each domain must have.",
        default: ["_xmpp-server._tcp", "_xmpp-client._tcp", "_sips._tcp"],
      },
    ),
    resolvers: Type.Array(Type.String({ expects: "an address, or address:port", example: "192.0.2.53" }), {
      description: "Name servers to ask; empty for the system's.",
      default: [],
    }),
    ntp_servers: Type.Array(Type.String({ expects: "host or host:port", example: "pool.ntp.org" }), {
      description: "Time servers to compare the clock with.",
      default: ["pool.ntp.org"],
    }),
    ca_file: pemPath(
      "Your own certificate authority that issued the gateway's certificate and that clients have installed.",
      "/etc/sip-pushd/ca.pem",
    ),
  },
  { description: "Further settings for `sip-pushd check`. The gateway itself ignores them." },
);
