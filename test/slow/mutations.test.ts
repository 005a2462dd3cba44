import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram } from '../cli/built.js'
import { campaign } from '../fuzz/campaign.js'
import { kinds, type Kind } from '../fuzz/kinds.js'

// The same cases each time, so that a run says something about the change before it; FUZZ_SEED=random looks for new ones.
const { FUZZ_MINUTES = '3', FUZZ_SEED = '2', FUZZ_KIND, FUZZ_FROM = '0', FUZZ_CASES = 'Infinity' } = process.env
const chosen = FUZZ_KIND === undefined ? kinds : (FUZZ_KIND.split(',') as Kind[])
const seed = FUZZ_SEED === 'random' ? Date.now() % 2 ** 32 : Number(FUZZ_SEED)
// Preparing takes a few seconds of each kind's share.
const seconds = (Number(FUZZ_MINUTES) * 60) / chosen.length - 5

const keep = join(tmpdir(), 'latent-ode-fuzz')
const folders: string[] = []
let program: ReturnType<typeof buildProgram>
beforeAll(() => {
  program = buildProgram()
})
afterAll(() => {
  program.remove()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

test.each(chosen)(
  'damaged inputs end in a result or a refusal, in time and in memory: %s',
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'latent-ode-fuzz-'))
    folders.push(folder)
    const { cases, refused, findings } = await campaign({
      kind,
      seed,
      from: Number(FUZZ_FROM),
      seconds,
      most: Number(FUZZ_CASES),
      main: program.main,
      folder,
      keep,
    })
    console.log(`${kind}: seed ${seed}, ${cases} cases, ${refused} of them refused, ${findings.length} found`)
    expect(findings).toEqual([])
  },
  Infinity,
)
