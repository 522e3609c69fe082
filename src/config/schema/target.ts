import { Type, type Static, type TArray, type TObject, type TProperties, type TSchema } from "typebox";

/** Unit factors: a setting in seconds becomes milliseconds, one in megabytes becomes bytes. */
export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const MEGABYTE = 1024 * 1024;

interface Target<Name extends string> {
  readonly as: Name;
  readonly factor?: number;
}

type Camel<Key extends string> = Key extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Key;

type NameOf<Key, Schema> = Schema extends Target<infer Name> ? Name : Camel<Key & string>;

type ValueOf<Schema, Value> =
  Schema extends TObject<infer Properties>
    ? Resolved<Properties>
    : Schema extends TArray<TObject<infer Properties>>
      ? readonly Resolved<Properties>[]
      : Value extends (infer Item)[]
        ? readonly Item[]
        : Value;

/**
 * The settings of a section as the running gateway knows them. Derived from the schema, so that key, type, default, unit
 * and target name of a setting stand in one entry.
 */
export type Resolved<Properties extends TProperties> = {
  readonly [
    Key in keyof Static<TObject<Properties>> as NameOf<Key, Key extends keyof Properties ? Properties[Key] : never>
  ]: ValueOf<Key extends keyof Properties ? Properties[Key] : never, Static<TObject<Properties>>[Key]>;
};

/** `Resolved` of a section. */
export type ResolvedSection<Section> = Section extends TObject<infer Properties> ? Resolved<Properties> : never;

/**
 * Gives a setting the name by which the gateway knows it, and the factor by which its number is multiplied. Without
 * this the name is that of the key in camel case.
 */
export function as<Schema extends TSchema, const Name extends string>(
  name: Name,
  schema: Schema,
  factor?: number,
): Schema & Target<Name> {
  return Object.assign(schema, { as: name }, factor === undefined ? {} : { factor });
}

/** Returns the properties of a section without those that need more than a name and a unit. */
export function omit<Properties extends TProperties, Key extends keyof Properties>(
  properties: Properties,
  keys: readonly Key[],
): Omit<Properties, Key> {
  const left = Object.entries(properties).filter(([key]) => !keys.includes(key as Key));
  return Object.fromEntries(left) as Omit<Properties, Key>;
}

/** Returns the settings of these properties; other members of `raw` are left out. An absent setting stays absent. */
export function resolveSettings<Properties extends TProperties>(
  properties: Properties,
  raw: Static<TObject<Properties>>,
): Resolved<Properties> {
  const values = raw as Readonly<Record<string, unknown>>;
  const entries = Object.entries(properties).flatMap(([key, schema]) => {
    const value = values[key];
    return value === undefined ? [] : [[nameOf(key, schema), resolveValue(schema, value)] as const];
  });
  return Object.fromEntries(entries) as Resolved<Properties>;
}

function resolveValue(schema: TSchema, value: unknown): unknown {
  const { factor } = schema as { readonly factor?: number };
  if (factor !== undefined) return Number(value) * factor;
  if (Type.IsObject(schema)) return resolveSettings(schema.properties, value as never);
  if (Type.IsArray(schema) && Type.IsObject(schema.items)) {
    const { properties } = schema.items;
    return (value as unknown[]).map((item) => resolveSettings(properties, item as never));
  }
  return value;
}

function nameOf(key: string, schema: TSchema): string {
  const { as: name } = schema as { readonly as?: string };
  return name ?? key.replaceAll(/_([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}
