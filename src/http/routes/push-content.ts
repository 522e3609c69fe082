import { Type, type Static } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";
import { INTERRUPTION_LEVELS, type PushContent } from "../../push/content.ts";
import { findRawProblem } from "../../push/raw-blocks.ts";
import { isAboutCall, type PushRequest } from "../../push/push.ts";
import { Line } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

const Text = Type.String({ maxLength: 4096 });
const Block = Type.Record(Type.String(), Type.Unknown());

/** Fields for the visible content on both platforms, and for members in a platform's own terms. */
export const ContentFields = {
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  body: Type.Optional(Text),
  /** Former name of `body`. */
  alert: Type.Optional(Text),
  sound: Type.Optional(Line(128)),
  badge: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  category: Type.Optional(Line(128)),
  thread_id: Type.Optional(Line(128)),
  mutable_content: Type.Optional(Type.Boolean()),
  interruption_level: Type.Optional(Type.Enum(INTERRUPTION_LEVELS)),
  collapse_id: Type.Optional(Line(64)),
  apns: Type.Optional(Block),
  fcm: Type.Optional(Block),
};
const ContentBody = Type.Object(ContentFields);

type Content = Static<typeof ContentBody>;
type Asked = Pick<PushRequest, "kind" | "silent">;

/** Returns the visible content of a push request. */
export function readContent(body: Content, push: Asked): Pick<PushRequest, "content" | "raw"> {
  const content = readShown(body);
  if (content.collapseId !== undefined) checkCollapseId(content.collapseId, push);
  const { apns, fcm } = body;
  const raw = compact({ apns, fcm });
  const problem = findRawProblem(raw, push);
  if (problem !== undefined) throw invalid(problem.field, problem.message);
  return compact({
    content: Object.keys(content).length === 0 ? undefined : content,
    raw: Object.keys(raw).length === 0 ? undefined : raw,
  });
}

function readShown(body: Content): PushContent {
  if (body.body !== undefined && body.alert !== undefined && body.body !== body.alert) {
    throw invalid("alert", "is another name for body, and the two differ; send one of them");
  }
  const shown = {
    title: body.title,
    body: body.body ?? body.alert,
    sound: body.sound,
    badge: body.badge,
    category: body.category,
    threadId: body.thread_id,
    mutableContent: body.mutable_content,
    interruptionLevel: body.interruption_level,
    collapseId: body.collapse_id,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}

const LONGEST_COLLAPSE_ID_BYTES = 64;

function checkCollapseId(id: string, push: Asked): void {
  if (isAboutCall(push)) throw invalid("collapse_id", "cannot be set for a call: its call_uuid is used");
  if (Buffer.byteLength(id) > LONGEST_COLLAPSE_ID_BYTES) {
    throw invalid("collapse_id", `has more than ${LONGEST_COLLAPSE_ID_BYTES} bytes`);
  }
}

/** Returns the data, with the names of members that are not plain text. */
export function readData(data: Readonly<Record<string, unknown>>): Pick<PushRequest, "data" | "structured"> {
  const structured = Object.entries(data).flatMap(([name, value]) => (typeof value === "string" ? [] : [name]));
  const texts = Object.entries(data).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return compact({ data: Object.fromEntries(texts), structured: structured.length === 0 ? undefined : structured });
}

function invalid(field: string, message: string): GatewayError {
  return new GatewayError("invalid_field", `${field} ${message}.`, { field });
}
