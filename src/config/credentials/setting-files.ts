import { resolve } from "node:path";
import type { Report } from "../reading/report.ts";
import { decodeUtf8, describeOpenSecret, readFileAt, type ReadFile } from "./files.ts";

/** The files that settings name; every failure is a problem of the setting. */
export interface SettingFiles {
  /** Absolute paths of all files read. */
  readonly paths: ReadonlySet<string>;
  /** Relative paths begin beside the configuration file. */
  resolve(path: string): string;
  read(section: object, key: string, path: string): SettingFile | undefined;
  /** A text without the blanks around it. */
  readSecret(section: object, key: string, path: string): string | undefined;
  /** Warns of a file with a secret that others can read: once per file. */
  warnIfOpen(section: object, key: string, file: SettingFile): void;
}

export interface SettingFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

export interface SettingFilesDeps {
  readonly report: Report;
  readonly readFile: ReadFile;
  readonly baseDir: string;
}

export function createSettingFiles({ report, readFile, baseDir }: SettingFilesDeps): SettingFiles {
  const paths = new Set<string>();
  const warned = new Set<string>();
  const files: SettingFiles = {
    paths,
    resolve: (path) => resolve(baseDir, path),
    read(section, key, name) {
      const path = files.resolve(name);
      paths.add(path);
      const reading = readFileAt(path, readFile);
      if ("content" in reading) return { path, ...reading.content };
      report.error(section, key, reading.complaint);
      return undefined;
    },
    readSecret(section, key, name) {
      const file = files.read(section, key, name);
      if (!file) return undefined;
      files.warnIfOpen(section, key, file);
      const text = decodeUtf8(file.bytes)?.trim();
      if (text) return text;
      const message = text === "" ? `${file.path} is empty` : `${file.path} is no text file (UTF-8)`;
      report.error(section, key, { message, mend: "write the secret into it, and nothing else" });
      return undefined;
    },
    warnIfOpen(section, key, { path, mode }) {
      const complaint = describeOpenSecret(path, mode);
      if (!complaint || warned.has(path)) return;
      warned.add(path);
      report.warning(section, key, complaint);
    },
  };
  return files;
}
