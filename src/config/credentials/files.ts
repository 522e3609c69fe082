import { accessSync, constants, readFileSync, statSync } from "node:fs";
import type { Complaint } from "../reading/report.ts";
import { mayBeSecret, recogniseSecret } from "./recognise-secret.ts";

export interface FileContent {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** Set for a file that a running gateway uses: an expiry since then does not prevent its further use. */
  readonly isInForce?: boolean;
  /** It lies in a read-only mount, as Kubernetes mounts secrets: nobody can change its mode there. */
  readonly isReadOnly?: boolean;
}

/** A file that a setting names, or the value of the setting in its stead. */
export interface SettingFile extends FileContent {
  readonly path: string;
}

export type FileReading = { readonly content: FileContent } | { readonly complaint: Complaint };

/** Reads a whole file. Throws the errors of `node:fs`. */
export type ReadFile = (path: string) => FileContent;

export const readFileFromDisk: ReadFile = (path) => {
  const { mode } = statSync(path);
  const content = { bytes: readFileSync(path), mode: mode & 0o777 };
  return isOpenToOthers(mode) && isOnReadOnlyMount(path) ? { ...content, isReadOnly: true } : content;
};

function isOnReadOnlyMount(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return codeOf(error) === "EROFS";
  }
}

/** Returns the file at a path, or why it cannot be read. `given` is the path as the operator wrote it. */
export function readFileAt(path: string, readFile: ReadFile, given = path): FileReading {
  try {
    return { content: readFile(path) };
  } catch (error) {
    return { complaint: mayBeSecret(given) ? describeNoPath(given) : describeReadError(path, codeOf(error)) };
  }
}

/** A secret stands where a path is expected, and stays hidden. */
export function describeNoPath(given: string): Complaint {
  const kind = recogniseSecret(given);
  const mend = "write it to a file that only the service can read, and name that file";
  if (kind === undefined) return { message: "is not the path of a file (the value looks like a secret)", mend };
  if (kind !== "server key") return { message: `is a ${kind}, not the path of a file`, mend };
  return { message: "is a server key, not the path of a file", mend: "give the key itself in the setting key" };
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

function isOpenToOthers(mode: number): boolean {
  return (mode & OPEN_TO_OTHERS) !== 0;
}

/**
 * Returns a warning about the permissions of a secret file, or undefined if only its owner and group can access it. The
 * group may: a root-owned key with the group of the service is safer than one that the service itself could change.
 */
export function describeOpenSecret(
  path: string,
  { mode, isReadOnly }: Omit<FileContent, "bytes">,
): Complaint | undefined {
  if (!isOpenToOthers(mode) || isReadOnly === true) return undefined;
  const message = `${path} holds a secret and is open to everyone on this machine`;
  return { message, mend: `run: chmod o= ${path}` };
}
