import { readFileSync, statSync } from "node:fs";
import type { Complaint } from "../reading/report.ts";

export interface FileContent {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** Set for a file that a running gateway uses: an expiry since then does not prevent its further use. */
  readonly isInForce?: boolean;
}

export type FileReading = { readonly content: FileContent } | { readonly complaint: Complaint };

/** Reads a whole file. Throws the errors of `node:fs`. */
export type ReadFile = (path: string) => FileContent;

export const readFileFromDisk: ReadFile = (path) => {
  const { mode } = statSync(path);
  return { bytes: readFileSync(path), mode: mode & 0o777 };
};

/** Returns the file at a path, or why it cannot be read. */
export function readFileAt(path: string, readFile: ReadFile): FileReading {
  try {
    return { content: readFile(path) };
  } catch (error) {
    return { complaint: describeReadError(path, codeOf(error)) };
  }
}

function describeReadError(path: string, code: string): Complaint {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return { message: `there is no file ${path}`, mend: "create it, or correct the path" };
    case "EACCES":
    case "EPERM":
      return {
        message: `this process may not read ${path}`,
        mend: `run: chown root:<group of the service> ${path} && chmod 640 ${path} (and check the directories above it)`,
      };
    case "EISDIR":
      return { message: `${path} is a directory`, mend: "name the file inside it" };
    default:
      return { message: `${path} cannot be read (${code})`, mend: "check the path and the disk" };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}

/** Returns undefined if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const OPEN_TO_OTHERS = 0o006;

/**
 * Returns a warning about the permissions of a secret file, or undefined if only its owner and group can access it. The
 * group may: a root-owned key with the group of the service is safer than one that the service itself could change.
 */
export function describeOpenSecret(path: string, mode: number): Complaint | undefined {
  if ((mode & OPEN_TO_OTHERS) === 0) return undefined;
  const message = `${path} holds a secret and is open to everyone on this machine`;
  return { message, mend: `run: chmod o= ${path}` };
}
