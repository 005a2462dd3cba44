import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { lockFile } from '../../src/cli/files/lockFile.js'
import { ownMark } from '../../src/data/processMark.js'
import { run, useFolder } from './io.js'

useFolder({ each: true })

const told: string[] = []
const teller = { note: (message: string) => void told.push(message), detail: () => {} }
const lock = () => lockFile('m.safetensors', '--out', teller)

/** The lock of some other fit, which gave a sign of life so many seconds ago. */
function lockOf(other: { machine?: string; pid?: number; start?: number; host?: string }, seconds = 0): void {
  writeFileSync(
    'm.safetensors.lock',
    `${JSON.stringify({ program: 'latent-ode fit', host: hostname(), ...ownMark(), since: '2024-05-06T07:08:09.000Z', ...other })}\n`,
  )
  const at = Date.now() / 1000 - seconds
  utimesSync('m.safetensors.lock', at, at)
}
const dead = (): number => spawnSync('hostname').pid

describe('a lock', () => {
  test('holds until it is released, and leaves nothing', () => {
    const held = lock()
    const { since, ...rest } = JSON.parse(readFileSync('m.safetensors.lock', 'utf8')) as Record<string, unknown>
    expect(rest).toEqual({ program: 'latent-ode fit', host: hostname(), ...ownMark() })
    expect(lock).toThrow(
      `m.safetensors: another fit is writing it (process ${process.pid}, since ${String(since).slice(0, 16).replace('T', ' ')} UTC). ` +
        'Wait until it has ended, or name another file with --out.',
    )
    held.release()
    expect(readdirSync('.')).toEqual([])
    lock().release()
  })

  test('is of the file itself, whatever link names it', () => {
    mkdirSync('there')
    symlinkSync('there/file', 'm.safetensors')
    const held = lockFile('there/file', '--checkpoint', teller)
    expect(lock).toThrow('another fit is writing it')
    held.release()
    lock().release()
    expect(readdirSync('there')).toEqual([])
  })

  test('of a process that was killed is taken over at once', () => {
    lockOf({ pid: dead() })
    const held = lock()
    expect(JSON.parse(readFileSync('m.safetensors.lock', 'utf8'))).toMatchObject({ pid: process.pid })
    held.release()
    expect(readdirSync('.')).toEqual([])
  })

  test.skipIf(!existsSync('/proc/self/stat'))('of a process whose number another has now is taken over', () => {
    lockOf({ start: ownMark().start - 1 })
    lock().release()
  })

  test('of another machine is believed while it gives signs of life, and for five minutes', () => {
    const other = { machine: '0123456789', host: 'worker-3', pid: 12 }
    lockOf(other, 240)
    expect(lock).toThrow(
      /^m\.safetensors: another fit is writing it \(process 12 on worker-3, since 2024-05-06 07:08 UTC, last sign of life 4 min ago\)\. Wait until it has ended, or name another file with --out\. If it was killed, remove \/.*m\.safetensors\.lock; after five minutes without a sign of life it is taken over\.$/,
    )
    lockOf(other, 360)
    lock().release()
    expect(told.at(-1)).toMatch(
      /m\.safetensors\.lock, of a fit on worker-3 since 2024-05-06 07:08 UTC, is taken over: it has given no sign of life for 6 min\.$/,
    )
  })

  test("a file of that name that is somebody's own is not touched", () => {
    writeFileSync('m.safetensors.lock', 'my notes')
    expect(lock).toThrow(
      /m\.safetensors\.lock is there, which is no lock of this program\. Wait until it has ended, or name another file with --out\. Remove .*m\.safetensors\.lock if it is nobody's\.$/,
    )
    expect(readFileSync('m.safetensors.lock', 'utf8')).toBe('my notes')
  })

  test('that another took over is not removed by who had it', () => {
    const held = lock()
    lockOf({ machine: '0123456789' })
    held.release()
    expect(existsSync('m.safetensors.lock')).toBe(true)
  })
})

describe('fit', () => {
  const fit = (...words: string[]) => run('fit', 'spirals.csv', '--quiet', ...words)

  test('is refused where another writes the model or the checkpoint, and takes nothing from it', async () => {
    await run('simulate', 'spirals', '--series', '4', '--points', '4', '--quiet')
    const model = lockFile('spirals.model.safetensors', '--out', teller)
    const held = `another fit is writing it (process ${process.pid}, since `
    const before = readdirSync('.')
    for (const words of [[], ['--resume'], ['--checkpoint', 'c.safetensors']]) {
      const { code, out, err } = await fit(...words)
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(`latent-ode: spirals.model.safetensors: ${held}`)
      expect(err).toContain('or name another file with --out.')
    }
    model.release()
    const checkpoint = lockFile('spirals.checkpoint.safetensors', '--checkpoint', teller)
    const { code, err } = await fit('--out', 'other.safetensors', '--checkpoint', './spirals.checkpoint.safetensors')
    expect(code).toBe(2)
    expect(err).toContain(`./spirals.checkpoint.safetensors: ${held}`)
    expect(err).toContain('or name another file with --checkpoint.')
    checkpoint.release()
    expect(before).toEqual(['spirals.csv', 'spirals.model.safetensors.lock'])
    expect(readdirSync('.')).toEqual(['spirals.csv'])
  })

  test('that fails leaves no lock', async () => {
    await run('simulate', 'spirals', '--series', '4', '--points', '4', '--quiet')
    expect((await fit('--values', 'none')).code).toBe(2)
    expect((await fit('--resume')).code).toBe(2)
    expect(readdirSync('.')).toEqual(['spirals.csv'])
  })
})
