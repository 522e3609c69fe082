import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { AcceptPush, Receipt } from "../gateway/accept-push.ts";
import type { Dialect, ForeignRequest } from "../gateway/dialect.ts";

export interface DialectRouteDeps {
  readonly dialect: Dialect;
  readonly acceptPush: AcceptPush;
  /** The query of the request at hand where Node's parser could not read it; see rescue.ts. */
  readonly rescuedQuery: () => string | undefined;
}

/** One dialect's paths; the body reaches it as it came, whatever its content type says. */
export const dialectRoutes: FastifyPluginAsync<DialectRouteDeps> = async (app, deps) => {
  const { dialect, acceptPush, rescuedQuery } = deps;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });

  for (const path of dialect.paths) {
    const answer = async (request: FastifyRequest) => {
      const foreign = readForeignRequest(request, path, rescuedQuery());
      return buildReceiptBody(await acceptPush(dialect.read(foreign), dialect.name));
    };
    for (const url of spellings(path)) {
      app.route({
        method: ["GET", "POST"],
        url,
        // A HEAD must not ring a phone.
        exposeHeadRoute: false,
        bodyLimit: dialect.bodyLimitBytes,
        config: { door: dialect.name },
        handler: answer,
      });
    }
  }
};

export interface ReceiptBody {
  readonly id: string;
  readonly status: Receipt["kind"];
  readonly code?: string;
}

function buildReceiptBody(receipt: Receipt): ReceiptBody {
  const { kind, id } = receipt;
  return kind === "suppressed" ? { id, status: kind, code: receipt.reason } : { id, status: kind };
}

function readForeignRequest(request: FastifyRequest, path: string, rescued: string | undefined): ForeignRequest {
  return {
    method: request.method === "POST" ? "POST" : "GET",
    path,
    rawQuery: rescued ?? readRawQuery(request.raw.url ?? ""),
    contentType: request.headers["content-type"],
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
  };
}

/** HTTP/2 hands over one character per byte; of HTTP/1.1 only ASCII gets here. */
function readRawQuery(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

/** A path as find-my-way takes it, with and without the slash at its end. */
function spellings(path: string): string[] {
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[*?#%]/.test(path)) {
    throw new Error(`${JSON.stringify(path)} cannot be a path for pushes: it has to start with / and be plain ASCII.`);
  }
  const bare = path.replace(/\/+$/, "").replaceAll(":", "::");
  return bare === "" ? ["/"] : [bare, `${bare}/`];
}
