import { maskSecrets } from "./mask-secrets.ts";

/** What a log line says of an error. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** Where it was thrown: places alone. */
  readonly stack?: readonly string[];
  readonly cause?: ErrorRecord;
}

const MAX_MESSAGE = 300;
const MAX_FRAMES = 8;
const MAX_CAUSES = 3;

/**
 * Copies the named members alone: ioredis hangs the command with its arguments on its errors, HTTP clients the request
 * with its headers and its body.
 */
export function buildErrorRecord(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error)) return { name: "NonError", message: `a thrown ${typeof error}` };
  const { code } = error as { readonly code?: unknown };
  const stack = framesOf(error);
  return {
    name: error.name,
    message: readMessage(error.message),
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    ...(stack.length > 0 ? { stack } : {}),
    ...(error.cause !== undefined && depth < MAX_CAUSES ? { cause: buildErrorRecord(error.cause, depth + 1) } : {}),
  };
}

/**
 * JSON.parse quotes the text that it could not read, with quotation marks in it; Redis repeats the arguments of a command
 * that it does not know. Both may be a push's content.
 */
function readMessage(message: string): string {
  const [beforeArguments = ""] = message.split("with args beginning with", 1);
  return maskSecrets(beforeArguments.replace(/"[\s\S]*"/, '"…"')).slice(0, MAX_MESSAGE);
}

/** The stack begins with the message, which may span lines: V8's frames are told by their `at`. */
function framesOf({ stack = "", message }: Error): string[] {
  const afterMessage = stack.slice(stack.indexOf(message) + message.length);
  const frames = afterMessage.split("\n").filter((line) => /^ {4}at .*[:(<]/.test(line));
  return frames.slice(0, MAX_FRAMES).map((line) => line.trim());
}
