import { compact } from "../push/compact.ts";
import { OperatorError } from "../push/operator-error.ts";
import { findGateway, type GatewayAddress, type GatewayOptions } from "./find-gateway.ts";
import { REQUEST_TIMEOUT_MS, requestJson, type JsonAnswer, type JsonRequest } from "./request-json.ts";
import { NoAnswerError } from "./send-request.ts";

/** Problem details as the gateway writes them (RFC 9457). */
export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly field?: string;
  readonly push_id?: string;
}

/** The gateway refused the request. */
export class RefusedError extends OperatorError {
  override readonly name = "RefusedError";
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    const mend = MENDS[problem.code];
    super(problem.code, `The gateway refused: ${problem.detail}`, mend === undefined ? {} : { mend });
    this.status = status;
    this.problem = problem;
  }
}

export interface GatewayClient {
  /** Returns the body of a 2xx answer, which must have the member. Throws an OperatorError for anything else. */
  request<T extends object>(request: JsonRequest, member: keyof T & string): Promise<T>;
  /** For answers without a body. */
  requestNothing(request: JsonRequest): Promise<void>;
}

/** `env`: variables of the process. Throws an OperatorError if an option or the configuration cannot be used. */
export async function openGatewayClient(
  options: GatewayOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<GatewayClient> {
  return createGatewayClient(await findGateway(options, env));
}

export function createGatewayClient(address: GatewayAddress, timeoutMs = REQUEST_TIMEOUT_MS): GatewayClient {
  const ask = async (request: JsonRequest): Promise<JsonAnswer> => {
    const answer = await requestJson(address, request, timeoutMs).catch((error: unknown) => {
      throw explainNoAnswer(error, address);
    });
    if (answer.status < 200 || answer.status > 299) throw readRefusal(answer, address);
    return answer;
  };
  return {
    async request<T extends object>(request: JsonRequest, member: keyof T & string): Promise<T> {
      const answer = await ask(request);
      if (!hasMember<T>(answer.body, member)) throw notAGateway(answer, address);
      return answer.body;
    },
    async requestNothing(request) {
      await ask(request);
    },
  };
}

/** The gateway's own answers have the member; another program's lack it. */
function hasMember<T extends object>(body: unknown, member: keyof T & string): body is T {
  return typeof body === "object" && body !== null && member in body;
}

/** Advice for the person at the terminal if the gateway's own message contains none. */
const MENDS: Readonly<Record<string, string>> = {
  unauthorized:
    "Give an API key from the gateway's auth.keys: --key-file FILE, SIP_PUSHD_CLIENT_KEY, or --config FILE.",
  queue_full: "Try again in a moment; if that lasts, look at the gateway's log: its providers may be out of reach.",
  overloaded: "Try again in a moment; if that lasts, the machine is too slow for what is asked of it.",
  store_unavailable: "Look at the gateway's log: it says what is wrong with the store.",
  acceptance_unknown: "Send it again with the same push_id; the gateway's log says what is wrong with the store.",
  shutting_down: "Try again when the gateway has started again.",
  internal_error: "Look at the gateway's log: it says what went wrong.",
};

function readRefusal(answer: JsonAnswer, address: GatewayAddress): OperatorError {
  const problem = readProblem(answer.body);
  return problem === undefined ? notAGateway(answer, address) : new RefusedError(answer.status, problem);
}

function notAGateway({ status }: JsonAnswer, { url }: GatewayAddress): OperatorError {
  return new OperatorError("not_a_gateway", `${url.origin} answered HTTP ${status}, but not in the way of sip-pushd.`, {
    mend: "Check the address: another program, or a proxy in between, listens there.",
  });
}

function readProblem(body: unknown): Problem | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const text = (name: string): string | undefined => {
    const member: unknown = Reflect.get(body, name);
    return typeof member === "string" ? member : undefined;
  };
  const code = text("code");
  const title = text("title");
  if (code === undefined || title === undefined) return undefined;
  const field = text("field");
  const pushId = text("push_id");
  return compact({
    code,
    title,
    detail: text("detail") ?? `${title}.`,
    field,
    push_id: pushId,
  });
}

const NAME_ANOTHER = "--url URL (or SIP_PUSHD_URL), or --config FILE with the gateway's configuration";
const TRUST_IT =
  "Name the certificate to trust with --ca FILE: the gateway's own (its sslcertfile) or its authority's.";
const PLAIN = "If it speaks plain HTTP, write the address with http:// instead of https://.";

interface Failure {
  readonly what: string;
  readonly mend: string;
}

/** Codes of Node, of OpenSSL, and our own. */
const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: {
    what: "nothing listens there",
    mend: `Start the gateway (sip-pushd serve), or say where it is: ${NAME_ANOTHER}.`,
  },
  ENOTFOUND: { what: "the host name is unknown", mend: `Check the name, or give another address: ${NAME_ANOTHER}.` },
  EAI_AGAIN: { what: "the name service does not answer", mend: "Check the DNS of this machine, or use an IP address." },
  TIMEOUT: {
    what: "it did not answer in time",
    mend: "Check whether a firewall is in between, and the gateway's log.",
  },
  CERT_HAS_EXPIRED: { what: "its certificate has expired", mend: "Renew the gateway's certificate (sslcertfile)." },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "its certificate is for another name",
    mend: "Use the name that the certificate bears, or --config FILE on the gateway's own machine.",
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { what: "its certificate is its own, and not trusted here", mend: TRUST_IT },
  SELF_SIGNED_CERT_IN_CHAIN: { what: "its certificate's authority is not trusted here", mend: TRUST_IT },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { what: "its certificate's authority is not trusted here", mend: TRUST_IT },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { what: "its certificate's authority is not trusted here", mend: TRUST_IT },
  UNABLE_TO_GET_ISSUER_CERT: { what: "its certificate's authority is not trusted here", mend: TRUST_IT },
  ERR_SSL_WRONG_VERSION_NUMBER: { what: "it does not answer in TLS", mend: PLAIN },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { what: "it does not answer in TLS", mend: PLAIN },
  EPROTO: { what: "it does not answer in TLS", mend: PLAIN },
};

function explainNoAnswer(error: unknown, { url, source }: GatewayAddress): OperatorError {
  if (!(error instanceof NoAnswerError)) throw error;
  const { what, mend } = FAILURES[error.code] ?? readUnknownFailure(error, url);
  return new OperatorError(error.code, `No answer from the gateway at ${url.origin} (${source}): ${what}.`, {
    mend,
    cause: error,
  });
}

function readUnknownFailure({ code, message }: NoAnswerError, url: URL): Failure {
  const hungUp = code === "ECONNRESET" || code.startsWith("HPE_");
  if (hungUp && url.protocol === "https:") return { what: "it ended the TLS connection", mend: PLAIN };
  if (hungUp && url.protocol === "http:") {
    return {
      what: "it does not answer in plain HTTP",
      mend: "If it has a certificate, write the address with https://.",
    };
  }
  return {
    what: message,
    mend: `Check the address, and the gateway's log. Another address is named by ${NAME_ANOTHER}.`,
  };
}
