import { sendRequest, type Answer, type ClientTls, type OutgoingRequest } from "../../client/send-request.ts";
import { compact } from "../../push/compact.ts";

/** The members of an NGCP resource that are read. */
export interface Resource {
  readonly id: number;
  readonly [field: string]: unknown;
}

export type Collection = "customercontacts" | "customers" | "domains" | "subscribers";

/** The part of NGCP's REST API that a sign-up needs (ngcp-panel, `Controller/API`). */
export interface NgcpApi {
  /**
   * Lists resources. Filters are only hints: old releases ignore some, and others are patterns. The caller has to check
   * the result.
   */
  list(collection: Collection, filter: Readonly<Record<string, string>>): Promise<readonly Resource[]>;
  /** Returns the id of the new resource. */
  create(collection: Collection, resource: object): Promise<number>;
  replace(collection: Collection, id: number, field: string, value: string): Promise<void>;
  remove(collection: Collection, id: number): Promise<void>;
}

/** NGCP refused the request or could not be reached. */
export class NgcpError extends Error {
  override readonly name = "NgcpError";
  readonly code = "ngcp_failed";
  /** True if the same request may succeed in a moment. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.isTransient = isTransient;
  }
}

export interface NgcpAccess {
  /** `https://host:1443` */
  readonly url: string;
  /** Undefined if a client certificate authenticates the gateway. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly tls: ClientTls;
}

/** Page size. Filtered lists are short. */
const ROWS = "100";

export function createNgcpApi({ url, login, tls }: NgcpAccess): NgcpApi {
  const authorization =
    login === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}` };

  async function ask(
    method: OutgoingRequest["method"],
    path: string,
    body?: { readonly type: string; readonly value: unknown },
  ): Promise<Answer> {
    const answer = await sendRequest(
      compact({
        url: new URL(path, url),
        method,
        headers: {
          ...authorization,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": body.type }),
        },
        body: body === undefined ? undefined : JSON.stringify(body.value),
        tls,
      }),
    ).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new NgcpError(`NGCP at ${url} does not answer: ${why}`, true, error);
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const isTransient = answer.status >= 500 || answer.status === 429;
    throw new NgcpError(`NGCP refused ${method} ${path.split("?", 1)[0]}: ${describe(answer)}`, isTransient);
  }

  return {
    async list(collection, filter) {
      const query = new URLSearchParams({ ...filter, page: "1", rows: ROWS });
      const { body } = await ask("GET", `/api/${collection}/?${query.toString()}`);
      return readEmbedded(collection, body);
    },
    async create(collection, resource) {
      const { location } = await ask("POST", `/api/${collection}/`, { type: "application/json", value: resource });
      const id = Number(/\/(\d+)$/.exec(location ?? "")?.[1]);
      if (Number.isInteger(id)) return id;
      throw new NgcpError(`NGCP created one of ${collection} and does not say which`, false);
    },
    async replace(collection, id, field, value) {
      const patch = [{ op: "replace", path: `/${field}`, value }];
      await ask("PATCH", `/api/${collection}/${id}`, { type: "application/json-patch+json", value: patch });
    },
    async remove(collection, id) {
      await ask("DELETE", `/api/${collection}/${id}`);
    },
  };
}

/**
 * Describes an answer for the log. NGCP repeats what it was sent, so only the start of its message is used, without
 * quoted values.
 */
function describe({ status, body }: Answer): string {
  const message = readMember(parse(body), "message");
  const shown = typeof message === "string" ? message.replaceAll(/input='[^']*'/g, "input=…").slice(0, 200) : "";
  return shown === "" ? `HTTP ${status}` : `HTTP ${status}, ${shown}`;
}

/** Reads HAL: the resources are below `_embedded`. A single one may be there without a list. */
function readEmbedded(collection: Collection, body: string): readonly Resource[] {
  const embedded = readMember(readMember(parse(body), "_embedded"), `ngcp:${collection}`);
  const list: unknown[] = Array.isArray(embedded) ? embedded : embedded === undefined ? [] : [embedded];
  return list.filter((item): item is Resource => typeof readMember(item, "id") === "number");
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
