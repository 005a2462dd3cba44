import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { nativeInstructionSets } from '../../src/engine/kernel/nativeKernel.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { kernelEngines } from '../engine/engines.js'
import { fuzzEngine } from '../fuzz/fuzzEngine.js'
import { fuzzScans } from '../fuzz/scans.js'
import { buildDriver, sanitize, sanitizersAvailable } from '../fuzz/sanitize.js'

/** Graphs to run; those of the normal suite are the first 200. FUZZ_GRAPHS=10000 takes eight minutes. */
const count = Number(process.env['FUZZ_GRAPHS'] ?? 2500)

describe(`${count} random Graphs`, () => {
  test('agree with the reference within rounding errors, on every engine', async () => {
    const engines = await Promise.all(
      [
        ...Object.values(kernelEngines('float32')),
        ...Object.values(kernelEngines('float64')),
        () => tfjsEngine({ backend: 'wasm' }),
        () => tfjsEngine({ backend: 'cpu' }),
      ].map((open) => open()),
    )
    const tallies = fuzzEngine(engines, 0, count)
    tallies.forEach(({ checked, open }, i) =>
      console.log(`${engines[i]!.name} in ${engines[i]!.dtype}: ${checked} elements checked, ${open} open`),
    )
    for (const { checked, open } of tallies) expect(open).toBeLessThan(0.03 * checked)
    for (const engine of engines) engine.dispose()
  })

  test('agree when they are repeated, on every instruction set', async () => {
    const opened = await Promise.all(Object.entries(kernelEngines('float64')).map(async ([name, open]) => [name, await open()] as const))
    const scans = Math.ceil(count / 3)
    expect(fuzzScans(Object.fromEntries(opened), 1000, scans).endings).toBeGreaterThan(scans / 2)
    for (const [, engine] of opened) engine.dispose()
  })

  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-drivers-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.skipIf(!sanitizersAvailable())('are clean under the address and undefined-behaviour sanitizers', async () => {
    const drivers = await Promise.all(nativeInstructionSets().map((instructionSet) => buildDriver(instructionSet, folder)))
    const { graphs, runs } = await sanitize(drivers, 0, count)
    console.log(`${graphs} graphs, ${runs} runs on ${nativeInstructionSets().join(', ')}, in float32 and float64`)
    expect(graphs).toBe(count)
  })
})
