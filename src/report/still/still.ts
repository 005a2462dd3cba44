import type { Specification } from '../figure.js'

/** A figure by itself, as a file outside of the page: panels under one title with one key. */
export interface Still {
  /** Name of its file, without an ending: letters, digits and dashes. */
  readonly name: string
  readonly title: string
  /** What a reader must know, in a sentence. */
  readonly note?: string
  /** What the figure shows, for those who do not see it. */
  readonly description: string
  readonly key: readonly KeyEntry[]
  readonly panels: readonly Panel[]
  /** Most panels that stand side by side. */
  readonly columns: number
}

export interface Panel {
  readonly title?: string
  /** The series that it is of, if it is of one. */
  readonly series?: string
  readonly spec: Specification
}

/** A sample of a mark, and what it stands for. */
export interface KeyEntry {
  readonly mark:
    | 'dot'
    | 'ring'
    | 'line'
    | 'dashed'
    | 'band'
    | 'ticks'
    | 'circle'
    | 'diamond'
    | 'square'
    | 'triangle-up'
    | 'triangle-down'
    | 'triangle-right'
    | 'cross'
  readonly colour: string
  /** Default 1. */
  readonly opacity?: number
  readonly label: string
}

/**
 * A name for a file that every file system takes and nobody has to quote; a number,
 * from `number` on, keeps it apart from those that are taken.
 */
export function fileName(words: readonly string[], number: number, taken: ReadonlySet<string> = new Set()): string {
  const plain = words
    .map((word) =>
      word
        .normalize('NFKD')
        .replace(/[^A-Za-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
        .slice(0, 40),
    )
    .filter((word) => word !== '')
    .join('-')
  // A file system may hold A and a to be the same.
  const used = new Set([...taken].map((other) => other.toLowerCase()))
  let name = plain
  for (let suffix = number; used.has(name.toLowerCase()); suffix++) name = `${plain}-n${suffix}`
  return name
}
