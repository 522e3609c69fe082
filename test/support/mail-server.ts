import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { createTlsMaterial } from "./http-rig.ts";

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly isEncrypted: boolean;
  readonly headers: string;
  readonly text: string;
  readonly html: string;
}

/** A real SMTP server on loopback that keeps its mails. */
export interface MailServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly login: { readonly user: string; readonly password: string };
  readonly mails: ReceivedMail[];
  /** Refuses the next mail with the address in the answer, as servers do. */
  refuseNext(): void;
}

export interface MailServerOptions {
  /** Requires STARTTLS and a login, like a remote server. Otherwise it is an open relay for this machine. */
  readonly strict?: boolean;
}

export async function startMailServer({ strict = false }: MailServerOptions = {}): Promise<MailServer> {
  const tls = createTlsMaterial();
  const login = { user: "phone", password: "secret words" };
  const mails: ReceivedMail[] = [];
  let refusals = 0;
  const server = new SMTPServer({
    cert: tls.certificate,
    key: tls.key,
    authOptional: !strict,
    hideSTARTTLS: !strict,
    onAuth({ username, password }, _session, callback) {
      if (username === login.user && password === login.password) callback(null, { user: login.user });
      else callback(new Error("Invalid username or password"));
    },
    onRcptTo({ address }, _session, callback) {
      if (refusals === 0) return callback();
      refusals -= 1;
      callback(Object.assign(new Error(`no such user ${address}`), { responseCode: 550 }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { rcptTo, mailFrom } = session.envelope;
        mails.push({
          to: rcptTo.map(({ address }) => address),
          from: mailFrom === false ? "" : mailFrom.address,
          isEncrypted: session.secure,
          ...readMail(Buffer.concat(chunks).toString("utf8")),
        });
        callback();
      });
    },
  });
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    host: "127.0.0.1",
    port,
    certificate: tls.certificate,
    login,
    mails,
    refuseNext: () => void (refusals += 1),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function readMail(raw: string): Pick<ReceivedMail, "headers" | "text" | "html"> {
  const [headers = ""] = raw.split("\r\n\r\n", 1);
  const boundary = /boundary="([^"]+)"/.exec(headers)?.[1];
  const parts = boundary === undefined ? [] : raw.split(`--${boundary}`);
  return { headers, text: readPart(parts, "text/plain"), html: readPart(parts, "text/html") };
}

function readPart(parts: readonly string[], type: string): string {
  const part = parts.find((candidate) => candidate.includes(`Content-Type: ${type}`)) ?? "";
  const at = part.indexOf("\r\n\r\n");
  return decodeBody(part, part.slice(at + 4)).replaceAll("\r\n", "\n");
}

function decodeBody(part: string, body: string): string {
  if (part.includes("Content-Transfer-Encoding: base64")) return Buffer.from(body, "base64").toString("utf8");
  if (!part.includes("quoted-printable")) return body;
  const bytes = body
    .replaceAll("=\r\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
