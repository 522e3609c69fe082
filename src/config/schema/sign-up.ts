import { Type } from "typebox";
import { KEY_PASSPHRASE, KEY_PASSPHRASE_FILE, pemPath, port } from "./parts.ts";
import { omit } from "./target.ts";

export const SHORTEST_SIGN_UP_SECRET = 32;

function secretFile(what: string, example: string) {
  return Type.Optional(
    Type.String({ description: `File that contains ${what}.`, expects: "the path of a file", example }),
  );
}

function id(description: string) {
  return Type.Integer({
    description,
    minimum: 1,
    maximum: 2_147_483_647,
    expects: "the id shown by NGCP",
    example: "1",
  });
}

const Ngcp = Type.Object(
  {
    url: Type.String({
      description: "Address of the API for administrators and resellers.",
      expects: "an https URL without a path",
      example: "https://ngcp.example.org:1443",
    }),
    user: Type.Optional(
      Type.String({ description: "User name of the gateway: an administrator of the reseller.", minLength: 1 }),
    ),
    password: Type.Optional(Type.String({ description: "Password of the user.", secret: true })),
    password_file: secretFile("the password", "/etc/sip-pushd/ngcp.password"),
    certificate: pemPath("Client certificate instead of `user` and `password`.", "/etc/sip-pushd/ngcp.pem"),
    key: pemPath("Its private key; not needed if `certificate` contains it.", "/etc/sip-pushd/ngcp-key.pem"),
    key_passphrase: KEY_PASSPHRASE,
    key_passphrase_file: KEY_PASSPHRASE_FILE,
    ca_file: pemPath(
      "Authority to trust, or the server's own certificate: NGCP's is self-signed by default.",
      "/etc/sip-pushd/ngcp-ca.pem",
    ),
    reseller_id: id("Reseller of new contacts."),
    billing_profile_id: id("Billing profile of new customers."),
    customer_type: Type.Enum(["sipaccount", "pbxaccount"], {
      description: "Type of new customers.",
      default: "sipaccount",
    }),
    profile_set_id: Type.Optional(id("Subscriber profile set of new subscribers.")),
    profile_id: Type.Optional(id("Subscriber profile of new subscribers.")),
  },
  { description: "NGCP's REST API, which creates the accounts." },
);

const Smtp = Type.Object(
  {
    host: Type.String({ description: "Mail server.", minLength: 1, example: "mail.example.org" }),
    port: Type.Optional(
      port({ description: "Its port.", defaultText: "587, or 465 with `tls: implicit`", minimum: 1 }),
    ),
    tls: Type.Enum(["starttls", "implicit", "none"], {
      description: "`none` is for a server on this machine.",
      default: "starttls",
    }),
    user: Type.Optional(Type.String({ description: "User name of the gateway.", minLength: 1 })),
    password: Type.Optional(Type.String({ description: "Password of the user.", secret: true })),
    password_file: secretFile("the password", "/etc/sip-pushd/smtp.password"),
    from: Type.String({
      description: "Sender address of mails.",
      expects: "an e-mail address",
      example: "phone@example.org",
    }),
    ca_file: pemPath(
      "Authority to trust, for a server whose certificate is not publicly trusted.",
      "/etc/sip-pushd/mail-ca.pem",
    ),
  },
  { description: "For `verify: email`." },
);

const Sms = Type.Object(
  {
    url: Type.String({
      description: "Address of an HTTP gateway. `{to}` (the number, with its plus) and `{text}` are filled in.",
      expects: "an https URL",
      example: "https://sms.example.net/send?to={to}",
    }),
    method: Type.Enum(["post", "get"], { description: "HTTP method.", default: "post" }),
    content_type: Type.Enum(["application/json", "application/x-www-form-urlencoded", "text/plain"], {
      description: "Content type of the body; `{to}` and `{text}` are escaped accordingly.",
      default: "application/json",
    }),
    body: Type.String({ description: "The body.", default: '{"to":"{to}","text":"{text}"}' }),
    authorization: Type.Optional(
      Type.String({ description: "Value of the header `Authorization`, e.g. `Bearer …`.", secret: true }),
    ),
    authorization_file: secretFile("the value of the header `Authorization`", "/etc/sip-pushd/sms.token"),
    ca_file: pemPath(
      "Authority to trust, for a gateway whose certificate is not publicly trusted.",
      "/etc/sip-pushd/sms-ca.pem",
    ),
  },
  { description: "For `verify: phone`." },
);

export const SignUp = Type.Object(
  {
    enable: Type.Boolean({ description: "Enables the sign-up.", default: true }),
    path: Type.String({
      description: "Path of the form; the app shows it on its log-in screen.",
      pattern: "^(?:/[A-Za-z0-9._~-]+)+$",
      expects: "a path of letters, digits and . _ ~ -",
      default: "/signup",
    }),
    domain: Type.String({ description: "SIP domain of new subscribers.", minLength: 1, example: "example.org" }),
    verify: Type.Enum(["email", "phone"], {
      description: "Contact that a person verifies by a code. The link is sent there, too.",
      default: "email",
    }),
    country_code: Type.Optional(
      Type.String({
        description: "Country code for numbers in national form.",
        pattern: "^[1-9]\\d{0,2}$",
        expects: "a country code without plus",
        example: "43",
      }),
    ),
    allowed_countries: Type.Optional(
      Type.Array(
        Type.String({ pattern: "^[A-Z]{2}$", expects: "two capital letters, as of ISO 3166", example: "AT" }),
        {
          description:
            "Countries that numbers may belong to; without it: all. A code by SMS to some countries is dear.",
        },
      ),
    ),
    secret: Type.Optional(
      Type.String({
        description: `Secret from which names, passwords and forms are derived; the same on all gateways, at least ${SHORTEST_SIGN_UP_SECRET} characters. If it changes, people who sign up again get a second account.`,
        secret: true,
      }),
    ),
    secret_file: secretFile("the secret", "/etc/sip-pushd/sign-up.secret"),
    sign_ups_per_hour: Type.Integer({
      description: "Sign-ups that one client (an IPv4 address, an IPv6 /64) may begin per hour.",
      default: 10,
      minimum: 1,
      maximum: 100_000,
      expects: "a number from 1 to 100000",
    }),
    codes_per_hour: Type.Integer({
      description: "Limit of codes that each process sends per hour, which limits the cost of a flood.",
      default: 200,
      minimum: 1,
      maximum: 1_000_000,
      expects: "a number from 1 to 1000000",
    }),
    terms_url: Type.Optional(
      Type.String({ description: "Terms of use, linked on the form.", expects: "an https URL" }),
    ),
    privacy_url: Type.Optional(
      Type.String({ description: "Privacy notice, linked on the form.", expects: "an https URL" }),
    ),
    ngcp: Ngcp,
    smtp: Type.Optional(Smtp),
    sms: Type.Optional(Sms),
  },
  {
    description:
      "The sign-up form for new customers of NGCP. It needs `launcher.url` for the links that it sends. Disabled without this section.",
  },
);

/** Settings of the sign-up that need no more than their name. */
export const SIGN_UP_PLAIN = omit(SignUp.properties, [
  ...(["enable", "domain", "allowed_countries", "terms_url", "privacy_url"] as const),
  ...(["secret", "secret_file", "ngcp", "smtp", "sms"] as const),
]);

/** Properties of the accounts that NGCP creates. */
export const NGCP_PLAIN = omit(Ngcp.properties, [
  ...(["url", "user", "password", "password_file", "ca_file"] as const),
  ...(["certificate", "key", "key_passphrase", "key_passphrase_file"] as const),
]);
