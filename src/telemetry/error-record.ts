import { maskSecrets } from "./mask-secrets.ts";
import { compact } from "../push/compact.ts";

/** The part of an error that a log line may contain. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** Stack frames without the message. */
  readonly stack?: readonly string[];
  readonly cause?: ErrorRecord;
}

const MAX_MESSAGE = 300;
const MAX_FRAMES = 8;
const MAX_CAUSES = 3;

/**
 * Copies only the named members. ioredis attaches the command with its arguments to its errors, and HTTP clients attach
 * the request with its headers and body.
 */
export function buildErrorRecord(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error)) return { name: "NonError", message: `a thrown ${typeof error}` };
  const { code } = error as { readonly code?: unknown };
  const stack = framesOf(error);
  return compact({
    name: error.name,
    message: readMessage(error.message),
    code: typeof code === "string" || typeof code === "number" ? String(code) : undefined,
    stack: stack.length > 0 ? stack : undefined,
    cause: error.cause !== undefined && depth < MAX_CAUSES ? buildErrorRecord(error.cause, depth + 1) : undefined,
  });
}

/**
 * Removes quoted texts and arguments, which may be a push's content: JSON.parse quotes the text that it could not read,
 * and Redis repeats the arguments of an unknown command.
 */
function readMessage(message: string): string {
  const [beforeArguments = ""] = message.split("with args beginning with", 1);
  return maskSecrets(beforeArguments.replace(/"[\s\S]*"/, '"…"')).slice(0, MAX_MESSAGE);
}

/** Returns V8's frames, recognised by their `at`. The stack begins with the message, which may span lines. */
function framesOf({ stack = "", message }: Error): string[] {
  const afterMessage = stack.slice(stack.indexOf(message) + message.length);
  const frames = afterMessage.split("\n").filter((line) => /^ {4}at .*[:(<]/.test(line));
  return frames.slice(0, MAX_FRAMES).map((line) => line.trim());
}
