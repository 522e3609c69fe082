import { decodeUtf8, type FileReading } from "../credentials/files.ts";
import { hideIfSecret } from "../credentials/recognise-secret.ts";
import { ENVIRONMENT, type ConfigProblem } from "../problem.ts";
import { ConfigSchema } from "../schema/config-schema.ts";
import { fileVariableOf, listEnvSettings, type Environment } from "./environment.ts";

export interface SecretVariables {
  /** Each `…_FILE` variable is replaced by the variable that it stands for. */
  readonly env: Environment;
  readonly problems: readonly ConfigProblem[];
}

/** Reads secrets that the environment gives as files (`SIP_PUSHD_GCM_KEY_FILE`). */
export function readSecretVariables(env: Environment, readFile: (path: string) => FileReading): SecretVariables {
  const problems: ConfigProblem[] = [];
  const read: Record<string, string | undefined> = {};
  const settings = listEnvSettings(ConfigSchema);
  const ownVariables = new Set(settings.map(({ variable }) => variable));
  for (const setting of settings) {
    const variable = fileVariableOf(setting);
    // A setting of exactly that name (`key_passphrase_file`) is read like any other.
    if (variable === undefined || ownVariables.has(variable)) continue;
    const path = env[variable];
    if (path === undefined || path === "") continue;
    const complain = (message: string, mend: string) =>
      problems.push({ severity: "error", file: ENVIRONMENT, variable, key: setting.path.join("."), message, mend });
    const reading = readFile(path);
    if (env[setting.variable]) complain(`${setting.variable} is set as well`, "keep one of the two");
    else if ("complaint" in reading) complain(reading.complaint.message, reading.complaint.mend);
    else {
      const text = decodeUtf8(reading.content.bytes)?.trim();
      if (text) read[setting.variable] = text;
      else complain(`${hideIfSecret(path)} is empty or no text (UTF-8)`, "write the secret into it, and nothing else");
    }
    read[variable] = undefined;
  }
  return { env: { ...env, ...read }, problems };
}
