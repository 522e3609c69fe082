import { createTransport } from "nodemailer";
import type { Mail } from "./messages.ts";

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS, which is demanded except on this machine. */
  readonly implicitTls: boolean;
  /** Whether the server may be spoken to in the clear. */
  readonly plain: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  readonly from: { readonly name: string; readonly address: string };
  /** PEM. */
  readonly ca?: string;
}

export type SendMail = (to: string, mail: Mail) => Promise<void>;

const TIMEOUT_MS = 15_000;

/** Rejects where the server does not take the mail. */
export function createMailer({ host, port, implicitTls, plain, login, from, ca }: SmtpSettings): SendMail {
  const transport = createTransport({
    host,
    port,
    secure: implicitTls,
    ignoreTLS: plain,
    requireTLS: !implicitTls && !plain,
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Nothing but what we wrote goes into a mail.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (to, mail) => {
    // RFC 3834: no holiday notices, please.
    const headers = { "auto-submitted": "auto-generated" };
    const sending = transport.sendMail({ from, to: { name: "", address: to }, headers, ...mail });
    const failure = await sending.then(() => undefined, describe);
    // Without the server's own words: they repeat the address, and this goes into the log.
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
