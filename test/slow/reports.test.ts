import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '../cli/built.js'
import { root } from '../docs/package.js'

interface Script {
  commandLines(): string[][]
  makeReports(folder: string, main: string, stdio?: 'ignore' | 'inherit'): void
}
const { commandLines, makeReports } = (await import(`${root}scripts/reports.mjs` as string)) as Script

/** Files that reports are made of, by their paths in a folder. */
const reportFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(md|svg)$/.test(name) && name !== 'README.md' && statSync(join(folder, name)).isFile())
    .sort()

/** Numbers of a text, and what is left of it. Only Markdown separates thousands; in SVG, commas stand between numbers. */
function split(text: string, commas: boolean): { skeleton: string; numbers: number[] } {
  const numbers: number[] = []
  const skeleton = text.replace(commas ? /[−+-]?\d{1,3}(?:,\d{3})+|[−+-]?\d+(?:\.\d+)?/g : /-?\d+(?:\.\d+)?/g, (number) => {
    numbers.push(Number(number.replace(/,/g, '').replace('−', '-')))
    return '#'
  })
  return { skeleton, numbers }
}

/**
 * What of a file is not as it should be. Engines on the same instructions compute the same bits, so files are equal to the
 * byte; another processor or version of Node may round elsewhere, and 240 steps of training make that larger. So numbers
 * may be off by 3 % of themselves and 0.02 (a score), in SVG by 3 pixels. All else must be equal.
 */
function differences(name: string, expected: string, made: string): string[] {
  const svg = name.endsWith('.svg')
  const [a, b] = [split(expected, !svg), split(made, !svg)]
  if (a.skeleton !== b.skeleton) {
    const at = [...a.skeleton].findIndex((letter, i) => letter !== b.skeleton[i])
    return [
      `${name}: ${JSON.stringify(a.skeleton.slice(Math.max(0, at - 40), at + 40))} is now ` +
        `${JSON.stringify(b.skeleton.slice(Math.max(0, at - 40), at + 40))}`,
    ]
  }
  return a.numbers.flatMap((number, i) => {
    const off = Math.abs(number - b.numbers[i]!)
    return off <= (svg ? 3 : 0.02 + 0.03 * Math.abs(number)) ? [] : [`${name}: ${number} is now ${b.numbers[i]!}`]
  })
}

describe('reports/ holds what its commands make; after a change, npm run build && npm run reports makes it anew', () => {
  let folder: string
  const program = buildProgram()
  const committed = join(root, 'reports')

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latent-ode-reports-'))
    symlinkSync(join(root, 'datasets'), join(folder, 'datasets'))
    mkdirSync(join(folder, 'reports'))
    makeReports(join(folder, 'reports'), program.main, 'ignore')
  }, 600_000)
  afterAll(() => {
    program.remove()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('the same files', () => expect(reportFiles(join(folder, 'reports'))).toEqual(reportFiles(committed)))

  test('with the same contents', () => {
    const read = (from: string, name: string): string => readFileSync(join(from, name), 'utf8')
    const found = reportFiles(committed)
      .filter((name) => existsSync(join(folder, 'reports', name)))
      .flatMap((name) => differences(name, read(committed, name), read(join(folder, 'reports'), name)))
    expect(found.slice(0, 12)).toEqual([])
  })

  test('each is small, and shown by the README', () => {
    const readme = readFileSync(join(committed, 'README.md'), 'utf8')
    for (const name of reportFiles(committed).filter((file) => file.endsWith('.md'))) expect(readme).toContain(`(${name})`)
    expect(reportFiles(committed).reduce((sum, name) => sum + statSync(join(committed, name)).size, 0)).toBeLessThan(1_500_000)
    expect(commandLines().filter((words) => words[2] === 'report')).toHaveLength(2)
  })
})

describe('what counts as a difference', () => {
  test.each<[string, string, string, number]>([
    ['a.md', 'error 0.150 of 1,200 values', 'error 0.152 of 1,201 values', 0],
    ['a.md', 'error 0.150', 'error 0.180', 1],
    ['a.md', '| −0.88 | 12 % |', '| +0.88 | 12 % |', 1],
    ['a.md', '18 series', '20 series', 1],
    ['a.md', 'lower than that of two', 'lower than that of six', 1],
    ['a.svg', '<path d="M1.5,20L3,40"/>', '<path d="M1.75,21L3.1,39"/>', 0],
    ['a.svg', '<path d="M1.5,20L3,40"/>', '<path d="M1.5,20L3,50"/>', 1],
    ['a.svg', '<path d="M1.5,20L3,40"/>', '<path d="M1.5,20"/>', 1],
  ])('%s: %j and %j', (name, expected, made, count) => expect(differences(name, expected, made)).toHaveLength(count))
})
