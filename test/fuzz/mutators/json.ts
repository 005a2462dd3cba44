import type { RandomStream } from '../../../src/random.js'

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** One change to a document. */
export interface Mutation {
  /** Where, as in `history.3.epoch`; empty for the whole. */
  readonly path: string
  /** What was done there, such as `= null` or `removed`. */
  readonly change: string
  /** The whole document with that change; parts that did not change are shared with the original. */
  readonly value: Json
}

/** What stands in for every part, one after the other. */
const replacements: readonly Json[] = [null, '', -1, 0, 0.5, 1e6, 1e300, 'NaN', [], {}, true]

/**
 * A document with each of its parts, containers too, replaced by each of a list of misfits and removed; each number also moved at
 * random, each object given a member that does not belong, each array an item twice. Nothing of `value` is changed, and the
 * same stream gives the same mutations. None of them equals the original.
 */
export function* mutations(value: Json, random: RandomStream): Generator<Mutation> {
  for (const { path, part, put } of partsOf(value)) {
    const name = path.join('.')
    const original = JSON.stringify(part)
    const offer = function* (change: string, changed: Json): Generator<Mutation> {
      if (JSON.stringify(changed) !== original) yield { path: name, change, value: put(changed) }
    }
    for (const replacement of replacements) yield* offer(`= ${JSON.stringify(replacement)}`, replacement)
    if (typeof part === 'number') {
      const moved = [part + 1, -part, part * 10 ** (random.integer(41) - 20), Math.round(random.normal() * 2 ** random.integer(60))][
        random.integer(4)
      ]!
      yield* offer(`= ${moved}`, moved)
    }
    if (isObject(part)) yield* offer('given a member', { ...part, [['extra', 'constructor', 'toString'][random.integer(3)]!]: 1 })
    if (isList(part) && part.length > 0) {
      const again = part[random.integer(part.length)]!
      yield* offer('given an item twice', [...part, again])
    }
    if (path.length > 0) yield { path: name, change: 'removed', value: put(undefined) }
  }
}

interface Part {
  readonly path: readonly (string | number)[]
  readonly part: Json
  /** The document with something else there; undefined removes it. */
  put(changed: Json | undefined): Json
}

function* partsOf(
  value: Json,
  path: readonly (string | number)[] = [],
  put: (changed: Json | undefined) => Json = (changed) => changed ?? null,
): Generator<Part> {
  yield { path, part: value, put }
  if (isList(value)) {
    for (const [i, item] of value.entries()) {
      yield* partsOf(item, [...path, i], (changed) => put(changed === undefined ? value.toSpliced(i, 1) : value.with(i, changed)))
    }
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      yield* partsOf(member, [...path, key], (changed) =>
        put(
          Object.fromEntries(
            Object.entries(value).flatMap(([name, old]) => (name !== key ? [[name, old]] : changed === undefined ? [] : [[name, changed]])),
          ),
        ),
      )
    }
  }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !isList(value)
