import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './package.js'

/** A fenced block of a page. */
export interface Block {
  /** Page and line, for names of tests. */
  readonly where: string
  /** `ts`, `sh`, …: what is done with each is said in console.test.ts. */
  readonly language: string
  readonly text: string
}

/** The pages that make promises, in the order in which they are read. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
]

/**
 * All fenced blocks of a page.
 *
 * @throws Error for a fence that this would overlook: indented, of tildes, with more than a language, never closed
 */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let open: { line: number; language: string; lines: string[] } | undefined
  readFileSync(join(root, page), 'utf8')
    .split('\n')
    .forEach((text, i) => {
      const fence = /^```(\S*)$/.exec(text)
      if (fence === null && /^\s*(```|~~~)/.test(text))
        throw new Error(`${page}:${i + 1}: write the fence as \`\`\` and a language, at the beginning of the line`)
      if (fence === null) open?.lines.push(text)
      else if (open === undefined) open = { line: i + 1, language: fence[1]!, lines: [] }
      else {
        blocks.push({ where: `${page}:${open.line}`, language: open.language, text: open.lines.join('\n') })
        open = undefined
      }
    })
  if (open !== undefined) throw new Error(`${page}:${open.line}: this block is never closed`)
  return blocks
}
