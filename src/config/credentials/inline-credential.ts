import { recogniseSecret } from "./recognise-secret.ts";
import type { SettingFile } from "./files.ts";

/** How messages name a credential that a setting holds itself. */
const INLINE = "the value given inline";

/** A credential given as the value of a setting; undefined if the value is a path. */
export function readInline(value: string): SettingFile | undefined {
  const kind = recogniseSecret(value);
  if (kind === undefined || kind === "server key" || kind === "piece of a key") return undefined;
  return { path: INLINE, bytes: Buffer.from(value), mode: 0o600 };
}

/** Completes "the private key …". */
export function whereIs(path: string): string {
  return path === INLINE ? "given inline" : `in ${path}`;
}

/** A file's name for a command; a placeholder for what lies in no file. */
export function nameForCommand(path: string): string {
  return path === INLINE ? "<file>" : path;
}
