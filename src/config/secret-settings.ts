import { Type, type TSchema } from "typebox";
import { ConfigSchema } from "./schema/config-schema.ts";
import { annotationsOf } from "./schema/setting.ts";
import type { SourceNode } from "./source/source-node.ts";
import { readYaml } from "./source/yaml.ts";

/** Returns true if the file itself contains a secret, not only the path of a file with one. */
export function holdsSecrets(text: string): boolean {
  return hasSecret(ConfigSchema, readYaml(text, "").root);
}

function hasSecret(schema: TSchema, node: SourceNode): boolean {
  if (node.kind === "nothing") return false;
  if (node.kind === "scalar") return annotationsOf(schema).secret === true;
  if (node.kind === "list") {
    return Type.IsArray(schema) && node.items.some((item) => hasSecret(schema.items, item()));
  }
  if (!Type.IsObject(schema)) return false;
  return Object.entries(schema.properties).some(([key, property]) => {
    const entry = node.entries.get(key);
    return entry !== undefined && hasSecret(property, entry.value());
  });
}
