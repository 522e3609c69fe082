import { Type } from "typebox";
import { HOST_ROLES } from "../config.ts";
import { pemPath } from "./parts.ts";

const Name = Type.Object({
  name: Type.String({ description: "Host name.", minLength: 1, example: "push.example.org" }),
  role: Type.Enum([...HOST_ROLES], {
    description:
      "What stands behind it: the `service` itself or a name that nodes have in common (`shared`): both must be in the gateway's certificate; or one `load_balancer`.",
    default: "service",
  }),
  addresses: Type.Array(Type.String({ expects: "an IPv4 or IPv6 address", example: "192.0.2.1" }), {
    description: "What it has to lead to; empty: to anything.",
    default: [],
  }),
});

export const Checklist = Type.Object(
  {
    names: Type.Array(Name, { description: "Host names by which phones and proxies reach the gateway.", default: [] }),
    domains: Type.Array(Type.String({ expects: "a domain", example: "example.org" }), {
      description: "Domains whose zone is looked at; none: those of `domains`.",
      default: [],
    }),
    services: Type.Array(
      Type.String({
        pattern: "^_[a-z0-9-]+\\._(?:tcp|udp|sctp)$",
        expects: "a service as in an SRV record",
        example: "_sips._tcp",
      }),
      {
        description: "SRV records that each domain has to have.",
        default: ["_xmpp-server._tcp", "_xmpp-client._tcp", "_sips._tcp"],
      },
    ),
    resolvers: Type.Array(Type.String({ expects: "an address, or address:port", example: "192.0.2.53" }), {
      description: "Name servers to ask; none: those of the system.",
      default: [],
    }),
    ntp_servers: Type.Array(Type.String({ expects: "host or host:port", example: "pool.ntp.org" }), {
      description: "Time servers to compare the clock with.",
      default: ["pool.ntp.org"],
    }),
    ca_file: pemPath(
      "Certificate authority of your own that issued the gateway's certificate: clients have it installed.",
      "/etc/sip-pushd/ca.pem",
    ),
  },
  { description: "What `sip-pushd check` has to know beside the rest. The gateway itself reads none of it." },
);
