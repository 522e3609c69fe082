import { createTransport } from "nodemailer";
import type { Mail } from "./messages.ts";
import { compact } from "../../push/compact.ts";

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Otherwise STARTTLS, which is required unless `plain` is set. */
  readonly implicitTls: boolean;
  /** Allows an unencrypted connection. */
  readonly plain: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  readonly from: { readonly name: string; readonly address: string };
  /** PEM of the certificate authority. */
  readonly ca?: string;
}

export type SendMail = (to: string, mail: Mail) => Promise<void>;

const TIMEOUT_MS = 15_000;

/** Returns a function that rejects if the server does not accept the mail. */
export function createMailer({ host, port, implicitTls, plain, login, from, ca }: SmtpSettings): SendMail {
  const transport = createTransport(
    compact({
      host,
      port,
      secure: implicitTls,
      ignoreTLS: plain,
      requireTLS: !implicitTls && !plain,
      auth: login === undefined ? undefined : { user: login.user, pass: login.password },
      tls: ca === undefined ? undefined : { ca },
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // Only our own text may go into a mail.
      disableFileAccess: true,
      disableUrlAccess: true,
    }),
  );
  return async (to, mail) => {
    // RFC 3834: suppresses automatic replies.
    const headers = { "auto-submitted": "auto-generated" };
    const sending = transport.sendMail({ from, to: { name: "", address: to }, headers, ...mail });
    const failure = await sending.then(() => undefined, describe);
    // Omits the server's reply, because it repeats the address and this text is logged.
    if (failure !== undefined) throw new Error(`the mail server ${host}:${port} did not take the mail (${failure})`);
  };
}

function describe(error: unknown): string {
  const read = (name: string): string[] => {
    const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
    return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
  };
  return [...read("code"), ...read("responseCode")].join(" ") || "unknown reason";
}
