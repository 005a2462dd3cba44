import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { nativeInstructionSets } from '../../src/engine/kernel/nativeKernel.js'
import type { Contestant } from '../../bench/contest.js'
import { threadedContestant } from '../../bench/contestants/threaded.js'
import { measureItem } from '../../bench/measure.js'
import { problemOf, type FieldProblem } from '../../bench/problems.js'
import { startTeam, type Team } from '../../bench/threads/team.js'
import { smallSolve } from './support.js'

// Helpers run the sources, as the tests do, whatever was built last.
beforeAll(() => void vi.stubEnv('BENCH_SOURCE', '1'))
afterAll(() => void vi.unstubAllEnvs())

describe('the native engine on several threads', () => {
  let two: Contestant
  let three: Contestant
  beforeAll(async () => {
    const open = (threads: number) => threadedContestant({ name: 'native', instructionSet: nativeInstructionSets()[0]! }, threads)
    ;[two, three] = await Promise.all([open(2), open(3)])
  }, 60_000)
  afterAll(async () => {
    for (const contestant of [two, three]) await contestant.dispose()
  })

  test('agrees with float64 on each kind of item, also in shards of uneven rows', async () => {
    for (const item of ['W1s', 'W2', 'W3d', 'W4'] as const) {
      const { entries, failures } = await measureItem(item, [two, three], { seconds: 0.1, rounds: 1 })
      expect(failures).toEqual([])
      expect(entries.map(({ contestant, timings, agreement: { ok } }) => [contestant, Object.keys(timings), ok])).toEqual([
        ['native 2t', ['f', 'v', 'p'], true],
        ['native 3t', ['f', 'v', 'p'], true],
      ])
    }
    expect((await measureItem('W3ds', [two], { seconds: 0.1, rounds: 1 })).entries).toEqual([])
  })

  test('tasks of an earlier item can still be run', async () => {
    const [small, large] = [two.tasks('W1s', problemOf('W1s')), two.tasks('W1', problemOf('W1'))]
    const found = [await small.v!.results(), await large.v!.results(), await small.v!.results()]
    expect(found[0]).toEqual(found[2])
    expect(found[1]!['y']).toHaveLength(500)
  })

  test('where a helper cannot take its shard, or fails in a call, that is what is thrown; then it goes on', async () => {
    const good = problemOf('W1s') as FieldProblem
    const tasks = two.tasks('W1s', good)
    const expected = await tasks.v!.results()
    expect(() => two.tasks('W1s', { ...good, x: good.x.slice(0, -4) })).toThrow(
      /^Thread 2 of native 2t failed: .* values do not fill shape/,
    )
    const lost = smallSolve({ kind: 'dopri5', z0: Float32Array.of(1, 1, 1, 1, 1, NaN) })
    const { v } = two.tasks('W3d', lost)
    expect(() => v!.slice(1)).toThrow(/^Thread 2 of native 2t failed: /)
    expect(await tasks.v!.results()).toEqual(expected)
  })
})

describe('a helper that', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-threads-'))
  let scripts = 0
  let team: Team | undefined
  const start = async (source: string): Promise<Team> => {
    const path = join(folder, `${++scripts}.mjs`)
    writeFileSync(path, `import { parentPort } from 'node:worker_threads'\n${source}`)
    team = await startTeam('native 2t', { name: 'native', instructionSet: 'sse4' }, 2, { patience: 100, script: pathToFileURL(path) })
    return team
  }
  const ready = "parentPort.postMessage('ready')\n"
  afterEach(async () => {
    await team?.close()
    team = undefined
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('cannot begin is what the start throws', async () => {
    await expect(start("throw new Error('out of order')")).rejects.toThrow('Thread 2 of native 2t failed: out of order')
    await expect(start('process.exit(3)')).rejects.toThrow('Thread 2 of native 2t ended with exit code 3.')
  })

  test('does not answer is given up, for good', async () => {
    const silent = await start(`${ready}Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`)
    for (let i = 0; i < 2; i++) expect(() => silent.call(0, () => {})).toThrow('Thread 2 of native 2t has not answered for 0.1 s.')
  })

  test('has ended meanwhile is missed at the next call', async () => {
    const short = await start(ready)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(() => short.call(0, () => {})).toThrow('Thread 2 of native 2t ended with exit code 0.')
  })

  test('is closed while it works ends all the same', async () => {
    const busy = await start(`${ready}for (;;);`)
    await busy.close()
  })
})
