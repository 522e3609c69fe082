/** Fills in a dialplan's `${…}` as Asterisk does, innermost first. `URIENCODE` is the only function that it knows. */
export function fillVariables(text: string, values: Readonly<Record<string, string>>): string {
  for (let filled = text; ;) {
    const [found, name = ""] = /\$\{([^${}]*)\}/.exec(filled) ?? [];
    if (found === undefined) return filled;
    filled = filled.replace(found, () => readVariable(name, values));
  }
}

function readVariable(name: string, values: Readonly<Record<string, string>>): string {
  const [, encoded] = /^URIENCODE\((.*)\)$/.exec(name) ?? [];
  if (encoded !== undefined) return encodeURIComponent(encoded);
  const value = values[name];
  if (value === undefined) throw new Error(`The dialplan has a variable that this test does not: ${name}`);
  return value;
}
