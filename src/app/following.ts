type FunctionNames<Settings> = {
  [Name in keyof Settings]: Settings[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof Settings];

/**
 * Returns the named functions in a form that may be kept: at each call they use the settings in force. A reload
 * therefore needs to replace nothing else.
 */
export function following<Settings extends object, Name extends FunctionNames<Settings>>(
  settings: () => Settings,
  ...names: readonly Name[]
): Pick<Settings, Name> {
  const follow =
    (name: Name) =>
    (...args: unknown[]) =>
      (settings()[name] as (...args: unknown[]) => unknown)(...args);
  return Object.fromEntries(names.map((name) => [name, follow(name)])) as Pick<Settings, Name>;
}
