import { resolve } from "node:path";
import type { Complaint, Report } from "../reading/report.ts";
import type { FileOwner, FileRecord } from "./file-record.ts";
import { decodeUtf8, describeOpenSecret, readFileAt, type FileContent, type ReadFile } from "./files.ts";

/** The files that settings name; every failure is a problem of the setting. */
export interface SettingFiles {
  /** The same, for what somebody else reads. */
  of(owner: FileOwner): SettingFiles;
  /** Relative paths begin beside the configuration file. */
  resolve(path: string): string;
  read(section: object, key: string, path: string): SettingFile | undefined;
  /** A text without the blanks around it. */
  readSecret(section: object, key: string, path: string): string | undefined;
  /**
   * What a file holds cannot be used: a problem of the setting that names it. No more than a warning for an owner that the
   * gateway can do without.
   */
  refuse(section: object, key: string, complaint: Complaint): void;
  /** Whether anything of this owner was refused. */
  readonly isRefused: boolean;
  /** Warns of a file with a secret that others can get at: once per file. */
  warnIfOpen(section: object, key: string, file: SettingFile): void;
}

export interface SettingFile extends FileContent {
  readonly path: string;
}

export interface SettingFilesDeps {
  readonly report: Report;
  readonly readFile: ReadFile;
  readonly baseDir: string;
  readonly record: FileRecord;
  readonly owner: FileOwner;
  /** Whether the gateway can do without the owner of a file. */
  readonly isOptional: (owner: FileOwner) => boolean;
}

export function createSettingFiles(deps: SettingFilesDeps): SettingFiles {
  const { report, readFile, baseDir, record, owner, isOptional } = deps;
  const files: SettingFiles = {
    of: (other) => createSettingFiles({ ...deps, owner: other }),
    resolve: (path) => resolve(baseDir, path),
    read(section, key, name) {
      const path = files.resolve(name);
      const reading = readFileAt(path, readFile);
      record.noteRead(owner, path, "content" in reading ? reading.content : undefined);
      if ("content" in reading) return { path, ...reading.content };
      files.refuse(section, key, reading.complaint);
      return undefined;
    },
    readSecret(section, key, name) {
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
    warnIfOpen(section, key, { path, mode }) {
      const complaint = describeOpenSecret(path, mode);
      if (complaint && record.isFirstWarning(path)) report.warning(section, key, complaint);
    },
  };
  return files;
}
