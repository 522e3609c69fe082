type IsAny<T> = 0 extends 1 & T ? true : false;
type OptionalKeys<T> = {
  [Key in keyof T]-?: IsAny<T[Key]> extends true ? never : undefined extends T[Key] ? Key : never;
}[keyof T];

/** `T` with the members that may be undefined as optional ones. */
export type Compact<T> = { [Key in Exclude<keyof T, OptionalKeys<T>>]: T[Key] } & {
  [Key in OptionalKeys<T>]?: Exclude<T[Key], undefined>;
};

/** Returns the object without its undefined members, so that an optional member is either absent or has a value. */
export function compact<const T extends object>(object: T): Compact<T> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) if (value !== undefined) result[key] = value;
  return result as Compact<T>;
}
