import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// Most processors are not here to run on: what the compiler wrote for them is read instead.

let folder: string
const assembly = new Map<string, string>()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latent-ode-assembly-'))
  const script = fileURLToPath(new URL('../../scripts/kernel.mjs', import.meta.url))
  for (const platform of ['linux-x64', 'linux-arm64']) {
    execFileSync(process.execPath, [script, '--assembly', platform, join(folder, platform)], { stdio: 'pipe' })
    for (const file of readdirSync(join(folder, platform)))
      assembly.set(`${platform}/${file}`, readFileSync(join(folder, platform, file), 'utf8'))
  }
}, 1_200_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lines of instructions, without labels, directives and comments. */
const instructions = (file: string): string[] =>
  assembly
    .get(file)!
    .split('\n')
    .filter((line) => /^\s+[a-z]/.test(line))
const having = (file: string, pattern: RegExp): number => instructions(file).filter((line) => pattern.test(line)).length

describe('x86-64', () => {
  // Instructions of AVX and later begin with v; verr and verw alone do so, too, and are for operating systems.
  const avx = /^\s+v[a-z0-9]+\s/

  test('AVX-512 multiplies and adds in registers of 512 bits', () => {
    for (const type of ['ps', 'pd'])
      expect(having('linux-x64/isa_avx512.s', new RegExp(`vfn?madd\\d+${type}\\s.*%zmm`))).toBeGreaterThan(100)
  })

  test(
    'AVX-512 has no masked ternary instruction: clang 21 mixes up the operands of those that it makes of copySign and select (math.h, ' +
      'log1p)',
    () => {
      expect(having('linux-x64/isa_avx512.s', /vpternlog[dq]\s.*\{%k/)).toBe(0)
    },
  )

  test('AVX2 multiplies and adds in registers of 256 bits, and has nothing of AVX-512', () => {
    for (const type of ['ps', 'pd']) expect(having('linux-x64/isa_avx2.s', new RegExp(`vfn?madd\\d+${type}\\s.*%ymm`))).toBeGreaterThan(100)
    expect(having('linux-x64/isa_avx2.s', /%zmm|%k[0-7]|%[xy]mm(1[6-9]|2\d|3[01])/)).toBe(0)
  })

  test('SSE 4.1 multiplies in registers of 128 bits, and has nothing of AVX', () => {
    for (const type of ['ps', 'pd']) expect(having('linux-x64/isa_sse4.s', new RegExp(`\\smul${type}\\s`))).toBeGreaterThan(100)
    expect(having('linux-x64/isa_sse4.s', avx)).toBe(0)
  })

  test('what finds out which of them there is has nothing of any', () => {
    expect(instructions('linux-x64/addon.s').length).toBeGreaterThan(300)
    expect(having('linux-x64/addon.s', avx)).toBe(0)
    expect(having('linux-x64/addon.s', /\s(p?blend|round|ptest|pmin|pmax|dpp|insertp|pextr|pinsr|pmulld|pcmp)[a-z]*\s/)).toBe(0)
  })
})

test('NEON multiplies and adds', () => {
  for (const lanes of ['4s', '2d'])
    expect(having('linux-arm64/isa_neon.s', new RegExp(`\\sfml[as]\\s+v\\d+\\.${lanes}`))).toBeGreaterThan(50)
})

test.each(['linux-x64/isa_avx512.s', 'linux-x64/isa_avx2.s', 'linux-x64/isa_sse4.s', 'linux-arm64/isa_neon.s'])(
  'the linker cannot mix %s with another',
  (file) => {
    // Of two weak symbols with one name the linker keeps either: each must bear the name of its instruction set.
    const name = /isa_(\w+)/.exec(file)![1]!
    const weak = [...assembly.get(file)!.matchAll(/^\s+\.weak\s+(\S+)/gm)].map(([, symbol]) => symbol!)
    expect(weak.filter((symbol) => !symbol.includes(`N${name.length}${name}`))).toEqual([])
    const global = [...assembly.get(file)!.matchAll(/^\s+\.globl\s+(\S+)/gm)].map(([, symbol]) => symbol!)
    expect(global).toEqual([`kernel_${name}`])
  },
)
