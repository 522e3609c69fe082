import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TokenBook } from "./behaviour.ts";
import type { ConnectionRegistry } from "./connections/connection-registry.ts";
import { parseConnectionScript } from "./connections/connection-instructions.ts";
import { SERVERS, type ServerName } from "./connections/connection-script.ts";
import type { AccessTokens } from "./fcm/access-tokens.ts";
import type { Attempt, Mailbox } from "./mailbox.ts";
import { InvalidInstructionsError } from "./instruction-rules.ts";
import { SERVER_CERTIFICATES, type ServerCertificate } from "./server-certificates.ts";
import { parseTokenInstructions } from "./token-instructions.ts";

export interface ControlDeps {
  readonly host: string;
  readonly port: number;
  readonly mailbox: Mailbox;
  readonly tokens: TokenBook;
  readonly accessTokens: AccessTokens;
  readonly connections: ConnectionRegistry;
  readonly present: (certificate: ServerCertificate) => void;
}

export interface ControlServer extends AsyncDisposable {
  readonly origin: string;
}

interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

const MAX_BODY_BYTES = 65_536;

/**
 * Starts the HTTP API through which a person or a script controls the simulator and lists what arrived. It must never
 * be exposed.
 */
export async function startControl(deps: ControlDeps): Promise<ControlServer> {
  const server = createServer((request, response) => {
    void answerSafely(deps, request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    });
  });
  server.listen(deps.port, deps.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${deps.host}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerSafely(deps: ControlDeps, request: IncomingMessage): Promise<ControlAnswer> {
  try {
    return await answerControl(deps, request);
  } catch (error) {
    if (error instanceof InvalidInstructionsError) {
      return { status: 400, body: { code: error.code, error: error.message, problems: error.problems } };
    }
    const text = error instanceof Error ? error.message : String(error);
    return { status: 500, body: { code: "simulator_bug", error: `Bug in the simulator: ${text}` } };
  }
}

async function answerControl(deps: ControlDeps, request: IncomingMessage): Promise<ControlAnswer> {
  const url = new URL(request.url ?? "/", "http://control.invalid");
  const [, resource = "", id] = url.pathname.split("/");
  switch (`${request.method} /${resource}${id === undefined ? "" : "/{id}"}`) {
    case "GET /healthz":
      return { status: 200, body: { status: "ok" } };
    case "GET /deliveries":
      return { status: 200, body: { deliveries: ofToken(deps.mailbox.deliveries(), url) } };
    case "GET /attempts":
      return { status: 200, body: { attempts: ofToken(deps.mailbox.attempts(), url) } };
    case "DELETE /deliveries":
      deps.mailbox.clear();
      return { status: 200, body: { cleared: true } };
    case "GET /tokens":
      return { status: 200, body: { tokens: Object.fromEntries(deps.tokens.list()) } };
    case "PUT /tokens/{id}":
      return putToken(deps.tokens, readToken(id), await readBody(request));
    case "DELETE /tokens/{id}":
      return deleteToken(deps.tokens, readToken(id));
    case "GET /connections":
      return { status: 200, body: { scripts: deps.connections.scripts(), connections: deps.connections.list() } };
    case "PUT /connections/{id}":
      return putConnections(deps.connections, readServer(id), await readBody(request));
    case "DELETE /connections/{id}":
      return { status: 200, body: { forgotten: deps.connections.forget(readServer(id)) } };
    case "PUT /certificate/{id}":
      deps.present(readChoice("certificate", SERVER_CERTIFICATES, id));
      return { status: 200, body: { presented: id } };
    case "DELETE /access-tokens":
      deps.accessTokens.revokeAll();
      return { status: 200, body: { revoked: true } };
    default:
      return { status: 404, body: notFound(request) };
  }
}

function ofToken(attempts: readonly Attempt[], url: URL): readonly Attempt[] {
  const token = url.searchParams.get("token");
  return token === null ? attempts : attempts.filter((attempt) => attempt.token === token);
}

function putToken(tokens: TokenBook, token: string, text: string): ControlAnswer {
  const { behaviours, facts } = parseTokenInstructions(parseJson(text));
  if (behaviours !== undefined) tokens.script(token, ...behaviours);
  if (facts !== undefined) tokens.setFacts(token, facts);
  return { status: 200, body: { token, behaviours: behaviours ?? [], facts: facts ?? {} } };
}

function deleteToken(tokens: TokenBook, token: string): ControlAnswer {
  if (tokens.forget(token)) return { status: 200, body: { forgotten: token } };
  return { status: 404, body: { code: "unknown_token", error: `Nothing was set for the token ${token}` } };
}

function putConnections(connections: ConnectionRegistry, server: ServerName, text: string): ControlAnswer {
  const script = parseConnectionScript(parseJson(text));
  connections.script(server, script);
  return { status: 200, body: { server, script } };
}

const readServer = (id: string | undefined): ServerName => readChoice("server", SERVERS, id);

function readChoice<Choice extends string>(
  what: string,
  choices: readonly Choice[],
  found: string | undefined,
): Choice {
  const choice = choices.find((candidate) => candidate === found);
  if (choice !== undefined) return choice;
  const problem = `the ${what} in the path: expected one of ${choices.join(", ")}, found ${found || "nothing"}`;
  throw new InvalidInstructionsError([problem]);
}

function readToken(id: string | undefined): string {
  try {
    const token = decodeURIComponent(id ?? "");
    if (token !== "") return token;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw new InvalidInstructionsError(["the token in the path is empty or wrongly escaped; write /tokens/{token}"]);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new InvalidInstructionsError([`the body is larger than ${MAX_BODY_BYTES} bytes`]);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidInstructionsError([
      `the body is not JSON (${error instanceof Error ? error.message : "unreadable"})`,
    ]);
  }
}

function notFound({ method, url }: IncomingMessage) {
  const known = [
    "GET /healthz, GET|DELETE /deliveries, GET /attempts, GET /tokens, PUT|DELETE /tokens/{token}",
    "GET /connections, PUT|DELETE /connections/{server}, PUT /certificate/{kind}, DELETE /access-tokens",
  ].join(", ");
  return { code: "not_found", error: `${method} ${url} is unknown; known are ${known}` };
}
