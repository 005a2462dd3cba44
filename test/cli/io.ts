import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import type { Io, TextStream } from '../../src/cli/terminal/io.js'

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Workers run the built package; the tests' own process runs sources. */
const oneThread = { LATENT_ODE_THREADS: '1' }

/** An io that keeps what is written; `interrupt` is Ctrl-C. */
export function fakeIo(
  env: Io['env'] = oneThread,
): Io & { readonly text: { out: string; err: string }; interrupt(): void; readonly listeners: Set<() => void> } {
  const text = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const stream = (name: 'out' | 'err'): TextStream => ({
    columns: 100,
    write(piece, done?: () => void) {
      text[name] += typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1')
      done?.()
      return true
    },
  })
  return {
    stdout: stream('out'),
    stderr: stream('err'),
    env,
    text,
    listeners,
    onInterrupt(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    interrupt: () => [...listeners].forEach((listener) => listener()),
  }
}

/** Runs a command line in this process. */
export async function run(...words: string[]): Promise<Result> {
  const io = fakeIo()
  const code = await runCommandLine(words, io)
  return { code, ...io.text }
}

/** As `run`, with `--json`: the one document on standard output. */
export async function runJson<T = Record<string, unknown>>(...words: string[]): Promise<{ code: number; document: T; err: string }> {
  const { code, out, err } = await run(...words, '--json')
  return { code, document: JSON.parse(out) as T, err }
}

/** A folder of their own for the tests of a file (or for each test), in which they stand. */
export function useFolder({ each = false } = {}): { readonly path: string; write(name: string, text: string | Uint8Array): string } {
  const before = process.cwd()
  const folder = {
    path: '',
    write(name: string, text: string | Uint8Array): string {
      writeFileSync(join(folder.path, name), text)
      return name
    },
  }
  const enter = (): void => {
    folder.path = mkdtempSync(join(tmpdir(), 'latent-ode-cli-'))
    process.chdir(folder.path)
  }
  const leave = (): void => {
    process.chdir(before)
    rmSync(folder.path, { recursive: true, force: true })
  }
  if (each) {
    beforeEach(enter)
    afterEach(leave)
  } else {
    beforeAll(enter)
    afterAll(leave)
  }
  return folder
}
