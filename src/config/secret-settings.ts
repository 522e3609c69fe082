import { Type, type TSchema } from "typebox";
import { ConfigSchema } from "./schema/config-schema.ts";
import { annotationsOf } from "./schema/setting.ts";
import { recogniseSecret } from "./credentials/recognise-secret.ts";
import { plainOf, type SourceNode } from "./source/source-node.ts";
import { readYaml } from "./source/yaml.ts";

/** Returns true if the file itself contains a secret, not only the path of a file with one. */
export function holdsSecrets(text: string): boolean {
  return hasSecret(ConfigSchema, readYaml(text, "").root);
}

/** A certificate given inline is public. */
function isPrivate(node: SourceNode): boolean {
  const kind = recogniseSecret(node.kind === "scalar" ? node.text : JSON.stringify(plainOf(node)));
  return kind !== undefined && kind !== "certificate";
}

function hasSecret(schema: TSchema, node: SourceNode): boolean {
  if (node.kind === "nothing") return false;
  const { secret, credential } = annotationsOf(schema);
  if (credential === true && node.kind !== "list") return isPrivate(node);
  if (node.kind === "scalar") return secret === true;
  if (node.kind === "list") {
    return Type.IsArray(schema) && node.items.some((item) => hasSecret(schema.items, item()));
  }
  if (!Type.IsObject(schema)) return false;
  return Object.entries(schema.properties).some(([key, property]) => {
    const entry = node.entries.get(key);
    return entry !== undefined && hasSecret(property, entry.value());
  });
}
