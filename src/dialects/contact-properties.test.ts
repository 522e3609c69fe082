import fc from "fast-check";
import { expect, it } from "vitest";
import type { ContactReading } from "../gateway/contact-reading.ts";
import { readContacts } from "./contact.ts";

const character = fc.constantFrom(...'<>";,=*%&:@?.\\ \r\n\tpn-ä\0'.split(""), "😀");
const piece = fc.oneof(
  character,
  fc.constantFrom(
    "sip:a@b",
    "pn-provider",
    "=apns",
    "pn-prid",
    "pn-tok=",
    "pn-param=A.b",
    "a1".repeat(32),
    "%zz",
    "+sip.instance",
  ),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const junk = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

it("never throws, whatever comes, and always says what it makes of it", () => {
  const register = fc.record({ contact: junk, userAgent: junk, "X-MPUSH": junk, "x-p-push": junk });
  const KINDS = new Set<ContactReading["kind"]>(["phone", "without_push", "removed", "all_removed", "unreadable"]);

  fc.assert(
    fc.property(register, ({ contact, userAgent, ...headers }) => {
      const readings = readContacts({ contact, userAgent, headers });

      expect(readings.length).toBeGreaterThan(0);
      for (const reading of readings) {
        expect(KINDS.has(reading.kind)).toBe(true);
        expect("binding" in reading ? reading.binding.uri : "").not.toMatch(/;(?:pn-prid|pn-tok)=/i);
      }
    }),
    { numRuns: 2_000 },
  );
});

/**
 * Writes parameters as Linphone does: it escapes every character that a URI parameter may not contain, and some that it
 * may.
 */
function buildContact({ tokens, app, team, sandbox, instance, expires }: BuiltContact): string {
  const escape = (text: string) => text.replace(/[^A-Za-z0-9&:.]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const kinds = Object.keys(tokens) as (keyof typeof tokens)[];
  const prid = kinds.map((kind) => `${tokens[kind]}:${kind}`).join("&");
  const parameters = `pn-provider=apns${sandbox ? ".dev" : ""};pn-param=${escape(`${team}.${app}.${kinds.join("&")}`)};pn-prid=${escape(prid)}`;
  return `"Alice, \\"<A>\\"" <sip:alice@[2001:db8::1]:5060;transport=tls;${parameters}>;+sip.instance="<urn:uuid:${instance}>";expires=${expires}`;
}

interface BuiltContact {
  readonly tokens: { readonly voip?: string; readonly remote?: string };
  readonly app: string;
  readonly team: string;
  readonly sandbox: boolean;
  readonly instance: string;
  readonly expires: number;
}

it("reads back what was written", () => {
  const token = fc.stringMatching(/^(?:[0-9a-f]{2}){32}$/);
  const label = fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/).filter((text) => !/^(?:voip|remote)$/i.test(text));
  const contact: fc.Arbitrary<BuiltContact> = fc.record({
    tokens: fc.oneof(
      fc.record({ voip: token }),
      fc.record({ remote: token }),
      fc.record({ remote: token, voip: token }),
    ),
    app: fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join(".")),
    team: fc.stringMatching(/^[A-Z0-9]{10}$/),
    sandbox: fc.boolean(),
    instance: fc.uuid(),
    expires: fc.integer({ min: 1, max: 604_800 }),
  });

  fc.assert(
    fc.property(contact, (written) => {
      const { tokens, app, sandbox, instance, expires } = written;
      const [reading] = readContacts({ contact: buildContact(written) });

      expect(reading).toEqual({
        kind: "phone",
        binding: {
          uri: "sip:alice@[2001:db8::1]:5060;transport=tls",
          deviceId: `urn:uuid:${instance}`,
          instance: `urn:uuid:${instance}`,
          expires,
        },
        phone: { provider: "apns", tokens, environment: sandbox ? "sandbox" : "production", app },
      });
    }),
  );
});

it("takes a time that grows with the header and no faster, however many contacts and parameters it has", () => {
  const shapes: readonly ((length: number) => string)[] = [
    ...["<sip:a@b;x=1>,", "sip:a@b;x=1,", ";x=%41", ";x=%ff", ";x", '"', "<", "@", "?", "^3B", "\\", "&", ":"].map(
      (part) => (length: number) => `sip:a@b;pn-provider=apns;pn-prid=${part.repeat(length / part.length)}`,
    ),
    (length) => Array.from({ length: 45 }, () => `<sip:a@b${";x=%41".repeat(length / 45 / 7)}>`).join(),
    (length) => `"${"\\".repeat(length)}" <sip:a@b>`,
    (length) => `${"< ".repeat(length / 2)}<sip:a@b>`,
  ];
  for (const shape of shapes) {
    const cost = (length: number, times: number) => {
      const contact = shape(length);
      const run = () => {
        for (let at = 0; at < times; at += 1) readContacts({ contact });
      };
      run();
      return Math.min(...Array.from({ length: 5 }, () => cpuOf(run)));
    };
    // The same number of characters in sixteen short headers and in one long header. A quadratic parser takes 16 times
    // as long for the latter.
    expect(cost(16_000, 4)).toBeLessThan(6 * cost(1_000, 64) + 3_000);
  }
});

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
