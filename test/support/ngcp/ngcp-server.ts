import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createTlsMaterial } from "../http-rig.ts";
import { FIELDS, FILTERS, findFault, textOf, type Collection } from "./ngcp-tables.ts";

export type Row = Record<string, unknown> & { id: number };

/** Fault of the next request of a kind, such as `POST subscribers`. */
export type Mishap =
  | { readonly status: number; readonly message?: string }
  /** The request is executed, but its answer is lost. */
  | "lost answer"
  | "no answer";

export interface NgcpServer extends AsyncDisposable {
  readonly url: string;
  /** PEM; self-signed, like NGCP's. */
  readonly certificate: string;
  readonly login: { readonly user: string; readonly password: string };
  readonly tables: Readonly<Record<Collection, Map<number, Row>>>;
  /** `METHOD collection`, in order. */
  readonly asked: string[];
  /** Sets faults, each for one request. */
  failNext(request: string, ...mishaps: readonly Mishap[]): void;
}

export interface NgcpServerOptions {
  /** Authorities (PEM) whose client certificates replace a password. */
  readonly clientCa?: string;
  /** Filters that this release ignores: old ones lack `subscriber_external_id`. */
  readonly unknownFilters?: readonly string[];
}

export const RESELLER_ID = 1;
export const BILLING_PROFILE_ID = 5;
export const DOMAIN_ID = 4;

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The part of NGCP's REST API that a sign-up needs, modelled on ngcp-panel (`Role/API`, `Controller/API`): unknown
 * fields are dropped, a missing one is refused with 422, collections end with a slash, PATCH replaces, and a resource
 * in use cannot be deleted.
 */
export async function startNgcpServer(options: NgcpServerOptions = {}): Promise<NgcpServer> {
  const tls = createTlsMaterial();
  const login = { user: "administrator", password: "correct horse" };
  const tables: Record<Collection, Map<number, Row>> = {
    customercontacts: new Map(),
    customers: new Map(),
    subscribers: new Map(),
    domains: new Map([[DOMAIN_ID, { id: DOMAIN_ID, domain: "example.org", reseller_id: RESELLER_ID }]]),
  };
  const asked: string[] = [];
  const mishaps = new Map<string, Mishap[]>();
  const server = createServer(
    {
      cert: tls.certificate,
      key: tls.key,
      requestCert: true,
      rejectUnauthorized: false,
      ...(options.clientCa === undefined ? {} : { ca: options.clientCa }),
    },
    (request, response) => void handle(request, response),
  );

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const [, name = "", id] = /^\/api\/([a-z]+)\/(\d*)$/.exec(path) ?? [];
    const key = `${request.method} ${name}`;
    asked.push(key);
    const mishap = mishaps.get(key)?.shift();
    if (mishap === "no answer") return void request.socket.destroy();
    try {
      admit(request);
      if (typeof mishap === "object") throw new Refusal(mishap.status, mishap.message ?? "Internal Server Error");
      const body = await readBody(request);
      const answer = answerTo(
        request,
        name as Collection,
        id === "" ? undefined : Number(id),
        new URLSearchParams(query),
        body,
      );
      if (mishap === "lost answer") return void request.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(`${JSON.stringify({ code: status, message })}\n`);
    }
  }

  function admit({ headers, socket }: IncomingMessage): void {
    const expected = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
    if (headers.authorization === expected) return;
    if (options.clientCa !== undefined && (socket as TLSSocket).authorized) return;
    throw new Refusal(401, "Invalid login");
  }

  function answerTo(
    { method, headers }: IncomingMessage,
    collection: Collection,
    id: number | undefined,
    query: URLSearchParams,
    body: string,
  ): { status: number; headers?: Record<string, string>; body?: string } {
    const table = tables[collection];
    if (table === undefined) throw new Refusal(404, "Not found");
    const row = id === undefined ? undefined : table.get(id);
    if (id !== undefined && row === undefined) throw new Refusal(404, `Entity '${collection}' not found.`);
    if (method === "GET" && id === undefined) return { status: 200, headers: HAL, body: writeList(collection, query) };
    if (method === "POST" && id === undefined) {
      const created = create(collection, readJson(headers["content-type"], "application/json", body));
      return { status: 201, headers: { location: `/api/${collection}/${created}` } };
    }
    if (method === "PATCH" && row !== undefined) {
      patch(row, readJson(headers["content-type"], "application/json-patch+json", body));
      return { status: 204 };
    }
    if (method === "DELETE" && row !== undefined) {
      remove(collection, row.id);
      return { status: 204 };
    }
    throw new Refusal(405, "Method Not Allowed");
  }

  function writeList(collection: Collection, query: URLSearchParams): string {
    const rows = Number(query.get("rows") ?? 10);
    const filters = Object.entries(FILTERS[collection]).filter(([name]) => !options.unknownFilters?.includes(name));
    const found = [...tables[collection].values()].filter((row) =>
      filters.every(([name, { field, like = false }]) => {
        const wanted = query.get(name);
        return wanted === null || matches(textOf(row[field]), wanted, like);
      }),
    );
    // Terminated subscribers are not listed.
    const shown = found.filter(({ status }) => collection !== "subscribers" || status !== "terminated").slice(0, rows);
    return JSON.stringify({
      total_count: found.length,
      ...(shown.length === 0 ? {} : { _embedded: { [`ngcp:${collection}`]: shown } }),
    });
  }

  function create(collection: Collection, given: Record<string, unknown>): number {
    const fields = FIELDS[collection];
    const row: Row = { id: Math.max(10, ...tables[collection].keys()) + 1 };
    for (const [name, field] of Object.entries(fields)) {
      const fault = findFault(field, given[name]);
      if (fault !== undefined)
        throw new Refusal(422, `Validation failed. field='${name}', input='${textOf(given[name])}', errors='${fault}'`);
      if (given[name] !== undefined) row[name] = given[name];
    }
    RULES[collection]?.(row);
    tables[collection].set(row.id, row);
    return row.id;
  }

  const RULES: Partial<Record<Collection, (row: Row) => void>> = {
    customercontacts({ reseller_id: reseller }) {
      if (reseller !== RESELLER_ID) throw new Refusal(422, "Invalid 'reseller_id'");
    },
    customers({ contact_id: contact, billing_profile_id: profile }) {
      if (!tables.customercontacts.has(Number(contact))) throw new Refusal(422, "Invalid 'contact_id'");
      if (profile !== BILLING_PROFILE_ID) throw new Refusal(422, "Invalid 'billing_profile_id'.");
    },
    subscribers(row) {
      const customer = tables.customers.get(Number(row["customer_id"]));
      if (customer === undefined) throw new Refusal(422, "Invalid 'customer_id', doesn't exist.");
      if (!tables.domains.has(Number(row["domain_id"]))) throw new Refusal(422, "Invalid 'domain', doesn't exist.");
      const others = [...tables.subscribers.values()];
      const siblings = others.filter((other) => other["customer_id"] === customer.id);
      if (siblings.length >= Number(customer["max_subscribers"] ?? Infinity))
        throw new Refusal(403, "Maximum number of subscribers reached.");
      if (others.some((other) => other["username"] === row["username"]))
        throw new Refusal(422, "Subscriber already exists.");
    },
  };

  function remove(collection: Collection, id: number): void {
    const inUse = [...tables.customers.values()].some(
      (one) => one["contact_id"] === id && one["status"] !== "terminated",
    );
    if (collection === "customercontacts" && inUse) throw new Refusal(423, "Contact is still in use.");
    tables[collection].delete(id);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    certificate: tls.certificate,
    login,
    tables,
    asked,
    failNext: (request, ...next) => void mishaps.set(request, [...(mishaps.get(request) ?? []), ...next]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const HAL = { "content-type": "application/hal+json" };

function matches(value: string, wanted: string, like: boolean): boolean {
  if (!like) return value === wanted;
  const pattern = wanted
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return new RegExp(`^${pattern}$`, "i").test(value);
}

function patch(row: Row, operations: unknown): void {
  if (!Array.isArray(operations)) throw new Refusal(400, "The entity is not a well-formed patch.");
  for (const { op, path, value } of operations as { op: string; path: string; value: unknown }[]) {
    if (op !== "replace" && op !== "copy") throw new Refusal(400, `The PATCH operation '${op}' is not supported.`);
    row[path.slice(1)] = value;
  }
}

function readJson(contentType: string | undefined, wanted: string, body: string): Record<string, unknown> {
  if (contentType?.startsWith(wanted) !== true)
    throw new Refusal(415, `Unsupported media type '${contentType}', accepting ${wanted} only.`);
  if (body === "") throw new Refusal(400, "This request is missing a message body.");
  return JSON.parse(body) as Record<string, unknown>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
