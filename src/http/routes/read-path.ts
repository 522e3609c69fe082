import { GatewayError } from "../../gateway/errors.ts";
import { readDomain, type Aor } from "../../push/address.ts";
import { readAor } from "../../push/sip-uri.ts";

export function readSubscriber(text: string): Aor {
  const aor = readAor(text);
  if (aor !== undefined) return aor;
  const detail = "The path names no subscriber: user@domain is needed, with special characters percent-encoded.";
  throw new GatewayError("invalid_field", detail, { field: "subscriber" });
}

export function readDomainName(text: string): string {
  const domain = readDomain(text);
  if (domain !== undefined) return domain;
  throw new GatewayError("invalid_field", "The path names no domain: a host name in ASCII is needed.", {
    field: "domain",
  });
}
