import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ownMark, stillRuns } from '../../src/data/processMark.js'
import { clearLeftovers, scratchPath } from '../../src/data/scratch.js'
import { checkDestination, writeFileAtomically } from '../../src/data/write.js'
import { writeFolder } from '../../src/data/writeFolder.js'
import { temporaryFolder } from './support.js'

const root = temporaryFolder()
let folders = 0
function fresh(): string {
  const folder = join(root, String(++folders))
  mkdirSync(folder)
  return folder
}

/** A process that has ended. */
const dead = (): number => spawnSync('hostname').pid
const linux = existsSync('/proc/self/stat')

/** What another process would call its scratch file. */
function leftBy({ machine, pid, start }: { machine: string; pid: number; start: number }, path: string): string {
  const own = ownMark()
  const name = basename(scratchPath(path)).replace(
    `${own.machine}-${own.pid.toString(36)}-${own.start.toString(36)}`,
    `${machine}-${pid.toString(36)}-${start.toString(36)}`,
  )
  const left = join(dirname(path), name)
  writeFileSync(left, 'half')
  return name
}

describe('whether a process still runs', () => {
  test('this one does, one that has ended does not, of another machine nobody knows', () => {
    expect(stillRuns(ownMark())).toBe(true)
    expect(stillRuns({ ...ownMark(), pid: dead() })).toBe(false)
    expect(stillRuns({ ...ownMark(), machine: '0123456789' })).toBeUndefined()
  })

  test.skipIf(!linux)('a process of the same number that began at another time is another', () => {
    expect(stillRuns({ ...ownMark(), start: ownMark().start - 1 })).toBe(false)
    // The 22nd field of stat; the second is the name in brackets.
    expect(ownMark().start).toBe(Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')[19]))
  })

  test.skipIf(!linux)('one that was killed and whose parent has not asked yet has ended', async () => {
    // The shell starts a child, becomes a program that never asks for its end, and so keeps it as a zombie.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const pid = Number(await new Promise<string>((resolve) => parent.stdout.once('data', (text) => resolve(String(text)))))
    const start = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19])
    expect(stillRuns({ ...ownMark(), pid, start })).toBe(true)
    // Before it is that program, the shell may ask.
    while (readFileSync(`/proc/${parent.pid!}/comm`, 'utf8').trim() !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 5))
    process.kill(pid, 'SIGKILL')
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(stillRuns({ ...ownMark(), pid, start })).toBe(false)
    parent.kill('SIGKILL')
  })
})

describe('what killed processes left', () => {
  test('of this file is removed; what runs, what is of other files, other machines or nobody known stays', () => {
    const folder = fresh()
    const path = join(folder, 'a.csv')
    const gone = leftBy({ ...ownMark(), pid: dead() }, path)
    const running = leftBy(ownMark(), path)
    const others = leftBy({ ...ownMark(), pid: dead() }, join(folder, 'b.csv'))
    const longer = leftBy({ ...ownMark(), pid: dead() }, join(folder, 'a.csv.gz'))
    const elsewhere = leftBy({ machine: '0123456789', pid: 7, start: 1 }, path)
    const ancient = leftBy({ machine: '0123456789', pid: 8, start: 1 }, path)
    const twoDaysAgo = Date.now() / 1000 - 2 * 86400
    utimesSync(join(folder, ancient), twoDaysAgo, twoDaysAgo)
    const mine = ['.a.csv.tmp', '.a.csv.notes.tmp', '.a.csv.0123456789ab.tmp', 'a.csv']
    for (const name of mine) writeFileSync(join(folder, name), '')
    clearLeftovers(path)
    expect(readdirSync(folder).sort()).toEqual([running, others, longer, elsewhere, ...mine].sort())
    expect([gone, ancient].some((name) => existsSync(join(folder, name)))).toBe(false)
  })

  test('is removed by writing, by the check before, and for folders', async () => {
    const folder = fresh()
    const left = (name: string): string => leftBy({ ...ownMark(), pid: dead() }, join(folder, name))
    left('a.csv')
    await writeFileAtomically(join(folder, 'a.csv'), 'x')
    left('b.csv')
    await checkDestination(join(folder, 'b.csv'))
    left('figures')
    await writeFolder(join(folder, 'figures'), [])
    expect(readdirSync(folder).sort()).toEqual(['a.csv', 'figures'])
  })

  test('has a name that fits wherever the file has one that does', async () => {
    const folder = fresh()
    const name = `${'ü'.repeat(125)}.csv`
    leftBy({ ...ownMark(), pid: dead() }, join(folder, name))
    await writeFileAtomically(join(folder, name), 'x')
    expect(readdirSync(folder)).toEqual([name])
  })
})
