import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface XmppClientOptions {
  readonly port: number;
  /** `user@domain`. */
  readonly address: string;
  readonly password: string;
}

/** The parts of an XMPP client for sending and receiving messages, over plain TCP on loopback. */
export interface XmppClient extends Disposable {
  send(xml: string): void;
  /** Resolves with the server's data since the last match, up to and including the pattern. */
  waitFor(pattern: RegExp): Promise<string>;
}

const TIMEOUT_MS = 10_000;

export async function connectXmpp({ port, address, password }: XmppClientOptions): Promise<XmppClient> {
  const [user = "", domain = ""] = address.split("@");
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const client = talkOver(socket);
  const openStream = async (): Promise<void> => {
    client.send(
      `<stream:stream to='${domain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`,
    );
    await client.waitFor(/<\/stream:features>/);
  };
  await openStream();
  const plain = Buffer.from(`\0${user}\0${password}`).toString("base64");
  client.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
  await client.waitFor(/<success [^>]*>/);
  await openStream();
  client.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  await client.waitFor(/<iq [^>]*id='bind'.*?<\/iq>/);
  return client;
}

function talkOver(socket: Socket): XmppClient {
  let unread = "";
  socket.setEncoding("utf8").on("data", (text: string) => (unread += text));
  // The server may end the connection first.
  socket.on("error", () => undefined);
  return {
    send: (xml) => void socket.write(xml),
    async waitFor(pattern) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      for (;;) {
        const found = pattern.exec(unread);
        if (found !== null) {
          unread = unread.slice(found.index + found[0].length);
          return found[0];
        }
        if (socket.closed) throw new Error(`the server closed the connection after: ${unread}`);
        await Promise.race([once(socket, "data", { signal }), once(socket, "close", { signal })]);
      }
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
