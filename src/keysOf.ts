/** The keys of a type, each of which must be listed: what is missing or too much is a type error. */
export const keysOf = <T>(keys: Readonly<Record<keyof T, true>>): string[] => Object.keys(keys)
