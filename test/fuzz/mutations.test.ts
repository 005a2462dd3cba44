import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { fakeIo } from '../cli/io.js'
import { faultOf, type Ending } from './fault.js'
import { kinds, prepare, type Cases, type Kind } from './kinds.js'

// A small part of what test/slow/mutations.test.ts does, in this process: the same cases every time.
const SEED = 1
const before = process.cwd()
const folder = mkdtempSync(join(tmpdir(), 'latent-ode-mutations-'))
let cases: Record<Kind, Cases>

async function end(words: readonly string[], interrupt?: number): Promise<Extract<Ending, { kind: 'ended' }>> {
  const io = fakeIo()
  // Once, when somebody listens: pressed twice it ends the process.
  const timer =
    interrupt === undefined
      ? undefined
      : setInterval(() => {
          if (io.listeners.size === 0) return
          clearInterval(timer)
          io.interrupt()
        }, interrupt)
  const began = process.cpuUsage()
  const code = await runCommandLine(words, io)
  clearInterval(timer)
  const { user, system } = process.cpuUsage(began)
  return { kind: 'ended', code, err: io.text.err, seconds: (user + system) / 1e6, peak: 0 }
}

beforeAll(async () => {
  process.chdir(folder)
  cases = await prepare(folder, async (words, interrupt) => (await end(words, interrupt)).code)
}, 60_000)
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

test.each(kinds)('%s: damaged inputs end in a result or a refusal', async (kind) => {
  const count = kind === 'model' || kind === 'checkpoint' ? 8 : 25
  let refused = 0
  for (let number = 0; number < count; number++) {
    const { file, bytes, words, interrupt } = cases[kind](SEED, number)
    writeFileSync(join(folder, file), bytes)
    const ending = await end(words, interrupt)
    expect(faultOf(ending, Infinity), `${kind}, case ${number}`).toBeUndefined()
    if (ending.code === 2) refused++
  }
  expect(refused).toBeGreaterThan(count / 10)
})

test('the same seed and number give the same input', () => {
  for (const kind of kinds) {
    const [once, again, next] = [3, 3, 4].map((number) => cases[kind](SEED, number))
    expect(once!.bytes.equals(again!.bytes)).toBe(true)
    expect(once!.words).toEqual(again!.words)
    expect(once!.bytes.equals(next!.bytes)).toBe(false)
  }
})

test('what counts as found', () => {
  const ended = { kind: 'ended', code: 0, err: '', seconds: 1, peak: 100 } as const
  expect([
    faultOf(ended, 1024),
    faultOf({ ...ended, code: 2, err: 'latent-ode: x.csv: no.\n' }, 1024),
    faultOf({ ...ended, code: 130 }, 1024),
  ]).toEqual([undefined, undefined, undefined])
  expect(faultOf({ ...ended, code: 1, err: 'latent-ode: x' }, 1024)).toBe('exit code 1: latent-ode: x')
  expect(faultOf({ ...ended, code: 2 }, 1024)).toBe('refused without a word: ')
  expect(faultOf({ ...ended, code: 2, err: 'latent-ode: Cannot read properties of null\n' }, 1024)).toMatch(/^an error of the program/)
  expect(faultOf({ ...ended, seconds: 11 }, 1024)).toBe('it computed for 11 seconds')
  expect(faultOf({ ...ended, peak: 2000 }, 1024)).toBe('it took 2000 MiB of memory')
  expect(faultOf({ kind: 'late', patience: 60 }, 1024)).toBe('it did not end within 60 seconds')
  expect(faultOf({ kind: 'died', written: 'FATAL ERROR' }, 1024)).toBe('the process died: FATAL ERROR')
})
