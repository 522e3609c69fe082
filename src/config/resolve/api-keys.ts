import type { ApiKey } from "../config.ts";
import type { Complaint } from "../reading/report.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { readSecretSetting } from "../credentials/secret-setting.ts";
import { SHORTEST_API_KEY, type RawConfig } from "../schema/config-schema.ts";

const GENERATE = "make one: openssl rand -base64 32";

export function resolveApiKeys({ keys }: RawConfig["auth"], deps: CredentialDeps): ApiKey[] {
  const names = new Set<string>();
  const values = new Map<string, string>();
  return keys.flatMap((entry) => {
    const { name } = entry;
    if (names.has(name)) {
      deps.report.error(entry, "name", { message: `a second key is named ${name}`, mend: "give each its own name" });
    }
    names.add(name);
    const { value } = readSecretSetting(entry, "key", { value: entry.key, file: entry.key_file }, deps);
    if (value === undefined) {
      if (entry.key_file === undefined) {
        deps.report.missing(entry, "key", { message: "is missing", mend: `write key: or key_file:; ${GENERATE}` });
      }
      return [];
    }
    const complain = (key: string, complaint: Complaint): void =>
      entry.key_file === undefined
        ? deps.report.error(entry, key, complaint)
        : deps.files.refuse(entry, key, complaint);
    const other = values.get(value);
    if (other !== undefined) {
      complain("key", { message: `is the same as the key of ${other}`, mend: GENERATE });
    }
    values.set(value, name);
    if (value.length >= SHORTEST_API_KEY) return [{ name, key: value }];
    const message = `has ${value.length} characters, and ${SHORTEST_API_KEY} are the least`;
    complain(entry.key === undefined ? "key_file" : "key", { message, mend: GENERATE });
    return [];
  });
}
