import type { Engine } from '../engine/engine.js'

interface Entry {
  readonly key: readonly unknown[]
  readonly made: unknown
}

const known = new WeakMap<Engine, WeakMap<object, Entry[]>>()

/**
 * What is compiled on an engine, once for all solvers: of a field, or of something else that stays the same object, and of what `key`
 * lists. It is forgotten with either of them.
 */
export function compiledOnce<T>(engine: Engine, of: object, key: readonly unknown[], make: () => T): T {
  let things = known.get(engine)
  if (!things) known.set(engine, (things = new WeakMap()))
  let entries = things.get(of)
  if (!entries) things.set(of, (entries = []))
  const found = entries.find((entry) => entry.key.length === key.length && entry.key.every((part, i) => part === key[i]))
  if (found) return found.made as T
  const made = make()
  entries.push({ key, made })
  return made
}
