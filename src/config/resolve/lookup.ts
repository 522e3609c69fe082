/** Returns the value of a setting from the first section that has it, with that section. */
export function lookup<Section extends object, Key extends keyof Section>(
  sections: readonly (Section | undefined)[],
  key: Key,
): { readonly section: Section; readonly value: NonNullable<Section[Key]> } | undefined {
  for (const section of sections) {
    const value = section?.[key];
    if (section !== undefined && value !== undefined && value !== null) return { section, value };
  }
  return undefined;
}
