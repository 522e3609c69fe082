import { sendRequest, type Answer, type ClientTls, type OutgoingRequest } from "../../client/send-request.ts";

/** What is read of a resource; all else is NGCP's business. */
export interface Resource {
  readonly id: number;
  readonly [field: string]: unknown;
}

export type Collection = "customercontacts" | "customers" | "domains" | "subscribers";

/** NGCP's REST API, as far as a sign-up needs it (ngcp-panel, `Controller/API`). */
export interface NgcpApi {
  /** Filters are hints: old releases ignore some, and others are patterns. Who asks has to look at what comes. */
  list(collection: Collection, filter: Readonly<Record<string, string>>): Promise<readonly Resource[]>;
  /** Answers the id of what was created. */
  create(collection: Collection, resource: object): Promise<number>;
  replace(collection: Collection, id: number, field: string, value: string): Promise<void>;
  remove(collection: Collection, id: number): Promise<void>;
}

/** NGCP, or the way to it, did not do what it was asked. */
export class NgcpError extends Error {
  override readonly name = "NgcpError";
  readonly code = "ngcp_failed";
  /** Whether the same may work in a moment. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.isTransient = isTransient;
  }
}

export interface NgcpAccess {
  /** `https://host:1443` */
  readonly url: string;
  /** Absent where a client certificate tells who asks. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly tls: ClientTls;
}

/** The most that is read of a list: filters leave few. */
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
    const answer = await sendRequest({
      url: new URL(path, url),
      method,
      headers: {
        ...authorization,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": body.type }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body.value) }),
      tls,
    }).catch((error: unknown) => {
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

/** NGCP repeats what it was sent: of its message only the beginning, and no value in quotes. */
function describe({ status, body }: Answer): string {
  const message = readMember(parse(body), "message");
  const shown = typeof message === "string" ? message.replaceAll(/input='[^']*'/g, "input=…").slice(0, 200) : "";
  return shown === "" ? `HTTP ${status}` : `HTTP ${status}, ${shown}`;
}

/** HAL: the resources stand below `_embedded`; one alone may stand there without a list. */
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
