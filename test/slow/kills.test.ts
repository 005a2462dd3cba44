import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram } from '../cli/built.js'
import { killCampaign } from '../fuzz/kills.js'

/** Fits to kill; KILLS=100 takes minutes. KILL_SEED=n repeats the moments of a run, as far as time repeats. */
const kills = Number(process.env['KILLS'] ?? 10)
const seed = process.env['KILL_SEED']

let program: ReturnType<typeof buildProgram>
const folder = mkdtempSync(join(tmpdir(), 'latent-ode-kills-'))
beforeAll(() => {
  program = buildProgram()
})
afterAll(() => {
  program.remove()
  rmSync(folder, { recursive: true, force: true })
})

test(`${kills} fits killed at random moments go on to the same bits, and nothing is left over`, async () => {
  const tally = await killCampaign({ main: program.main, folder, kills, ...(seed !== undefined && { seed: Number(seed) }) })
  console.log(
    `Seed ${tally.seed}: ${tally.kills} kills of ${tally.fits} fits, ${tally.early} before the first checkpoint, ${tally.leaving} ` +
      'with a lock or a scratch file left to the next run.',
  )
  expect(tally.kills).toBe(kills)
})
