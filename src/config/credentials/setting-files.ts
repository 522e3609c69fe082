import { resolve } from "node:path";
import type { Complaint, Report } from "../reading/report.ts";
import type { FileOwner, FileRecord } from "./file-record.ts";
import {
  decodeUtf8,
  describeNoPath,
  describeOpenSecret,
  readFileAt,
  type ReadFile,
  type SettingFile,
} from "./files.ts";
import { readInline } from "./inline-credential.ts";
import { recogniseSecret } from "./recognise-secret.ts";

/** Files named by settings. Every failure is a problem of the setting. */
export interface SettingFiles {
  /** The same for files of another owner. */
  of(owner: FileOwner): SettingFiles;
  /** Resolves relative paths from the directory of the configuration file. */
  resolve(path: string): string;
  read(section: object, key: string, path: string): SettingFile | undefined;
  /** The same, for a setting that may also hold the credential itself. */
  readCredential(section: object, key: string, value: string): SettingFile | undefined;
  /** Returns the trimmed text. */
  readSecret(section: object, key: string, path: string): string | undefined;
  /**
   * Reports that the content of a file cannot be used, as a problem of the setting that names it. It is only a warning
   * if the gateway can do without the owner.
   */
  refuse(section: object, key: string, complaint: Complaint): void;
  /** True if a file of this owner was refused. */
  readonly isRefused: boolean;
  /** Warns once about a secret file that others can access. */
  warnIfOpen(section: object, key: string, file: SettingFile): void;
}

export interface SettingFilesDeps {
  readonly report: Report;
  readonly readFile: ReadFile;
  readonly baseDir: string;
  readonly record: FileRecord;
  readonly owner: FileOwner;
  /** Returns true if the gateway can do without the owner of a file. */
  readonly isOptional: (owner: FileOwner) => boolean;
}

export function createSettingFiles(deps: SettingFilesDeps): SettingFiles {
  const { report, readFile, baseDir, record, owner, isOptional } = deps;
  const files: SettingFiles = {
    of: (other) => createSettingFiles({ ...deps, owner: other }),
    resolve: (path) => resolve(baseDir, path),
    read(section, key, name) {
      const path = files.resolve(name);
      const reading = readFileAt(path, readFile, name);
      record.noteRead(owner, path, "content" in reading ? reading.content : undefined);
      if ("content" in reading) return { path, ...reading.content };
      files.refuse(section, key, reading.complaint);
      return undefined;
    },
    readCredential: (section, key, value) => readInline(value) ?? files.read(section, key, value),
    readSecret(section, key, name) {
      if (recogniseSecret(name) !== undefined) {
        files.refuse(section, key, describeNoPath(name));
        return undefined;
      }
      const file = files.read(section, key, name);
      if (!file) return undefined;
      files.warnIfOpen(section, key, file);
      const text = decodeUtf8(file.bytes)?.trim();
      if (text) return text;
      const message = text === "" ? `${file.path} is empty` : `${file.path} is no text file (UTF-8)`;
      files.refuse(section, key, { message, mend: "write the secret into it, and nothing else" });
      return undefined;
    },
    refuse(section, key, complaint) {
      const { message, mend } = complaint;
      record.noteFault(owner, `${report.pathOf(section, key)}: ${message}; ${mend}.`);
      if (isOptional(owner)) {
        report.warning(section, key, { ...complaint, message: `${message}; until that is mended its pushes wait` });
      } else report.error(section, key, complaint);
    },
    get isRefused() {
      return record.faults.some(({ unit }) => unit === owner.unit);
    },
    warnIfOpen(section, key, file) {
      const { path } = file;
      const complaint = describeOpenSecret(path, file);
      if (complaint && record.isFirstWarning(path)) report.warning(section, key, complaint);
    },
  };
  return files;
}
