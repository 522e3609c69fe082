import type { ApsWishes } from "../../push/push.ts";
import { fieldsBehind, invalidField, readFlag, type Field } from "./field.ts";

/** The `apns_*` fields, with the types that Apple's `aps` dictionary has. What is empty or unknown wishes nothing. */
export function readApsWishes(fields: readonly Field[]): ApsWishes {
  const wishes = fieldsBehind("apns_", fields);
  const badge = readBadge(wishes.get("badge"));
  const contentAvailable = readFlag(wishes.get("content-available") ?? wishes.get("content_available"));
  return {
    ...textOf("alert", wishes),
    ...textOf("sound", wishes),
    ...(badge === undefined ? {} : { badge }),
    ...(contentAvailable === true ? { contentAvailable } : {}),
  };
}

function textOf<Name extends "alert" | "sound">(
  name: Name,
  wishes: ReadonlyMap<string, Field>,
): { [K in Name]?: string } {
  const text = wishes.get(name)?.value ?? "";
  return text === "" ? {} : ({ [name]: text } as { [K in Name]: string });
}

function readBadge(field: Field | undefined): number | undefined {
  if (field === undefined || field.value === "") return undefined;
  if (/^\d{1,9}$/.test(field.value)) return Number(field.value);
  throw invalidField(field.name, "is not a whole number from 0 to 999999999");
}
