import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { checks } from '../../../bench/ode/checks.js'
import { checksTable } from '../../../bench/ode/page.js'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

it.each(checks.flatMap(({ check, tested }) => tested.map(([file, title]) => [check, file, title] as const)))(
  '%s: %s has its test',
  (_, file, title) => {
    const titles = read(`../../${file}`).replaceAll("\\'", "'")
    expect(titles).toContain(title)
  },
)

it('a check without a test says why', () => {
  for (const { tested, note } of checks) expect(tested.length > 0 || note !== undefined).toBe(true)
})

it('docs/conformance.md has the checks as they are (npm run solvers:table writes it)', () => {
  expect(read('../../../docs/conformance.md')).toContain(checksTable())
})
