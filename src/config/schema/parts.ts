import { Type } from "typebox";

/** A setting of NGCP's that has no meaning here. */
export function ignored(description: string) {
  return Type.Optional(Type.Unknown({ ignored: true, description }));
}

export function port(options: { description: string; default?: number; defaultText?: string; minimum?: number }) {
  return Type.Integer({
    minimum: 0,
    maximum: 65_535,
    expects: "a port from 1 to 65535",
    example: "45060",
    ...options,
  });
}

export function seconds(options: { description: string; default: number; minimum: number; maximum: number }) {
  return Type.Integer({ ...options, expects: `seconds, from ${options.minimum} to ${options.maximum}` });
}

export function pemPath(description: string, example: string) {
  return Type.Optional(Type.String({ description, expects: "the path of a PEM file", example, credential: true }));
}

export const KEY_PASSPHRASE = Type.Optional(
  Type.String({ description: "Passphrase of the private key.", secret: true }),
);

export const KEY_PASSPHRASE_FILE = Type.Optional(
  Type.String({
    description: "File that contains the passphrase of the private key.",
    expects: "the path of a file",
    example: "/etc/sip-pushd/passphrase",
  }),
);

/** Value for no proxy, instead of an address. */
export const NO_PROXY = "direct";

export function proxySetting(description: string) {
  const expects = `an address like http://proxy.example.org:3128, or ${NO_PROXY}`;
  return Type.Optional(Type.String({ description, expects, example: "http://proxy.example.org:3128", secret: true }));
}

/** For one provider. */
export const PROXY = proxySetting(`As \`proxy\` at top level, for this provider; \`${NO_PROXY}\` for none.`);

export const CA_FILE = pemPath(
  "Certificate authorities to trust for this provider instead of the usual ones (for a simulator or a proxy).",
  "/etc/sip-pushd/ca.pem",
);
