import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// check.cc compares products of random shapes and layouts with plain loops; here it is built and run for each
// instruction set that this processor has, and for the shapes of AVX-512 on any.

const here = fileURLToPath(new URL('./gemm', import.meta.url))
const zig = fileURLToPath(new URL('../../node_modules/.bin/zig', import.meta.url))
const cpu = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''
const hasZig = existsSync(zig)
const x64 = process.arch === 'x64' && process.platform === 'linux'

/** As the product is built, and without C++'s standard library. */
const flags = [
  '-std=c++17',
  '-O3',
  '-g0',
  '-ffp-contract=off',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-sanitize=undefined',
  '-nostdlib++',
  '-nostdinc++',
  '-Wno-psabi',
  '-Wno-nullability-completeness',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unused-command-line-argument',
]
// As the kernel: without BW, which it needs nowhere, clang takes minutes.
const avx512 = ['-DVECTOR_BYTES=64', '-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw']
const avx2 = ['-DVECTOR_BYTES=32', '-mavx2', '-mfma']

// TypeScript has the types of WebAssembly only among those of the browser.
declare const WebAssembly: { instantiate(bytes: Uint8Array): Promise<{ readonly instance: { readonly exports: unknown } }> }

const cases: [name: string, possible: boolean, flags: string[]][] = [
  ['AVX2', x64 && cpu.includes(' avx2'), avx2],
  ['AVX-512', x64 && cpu.includes(' avx512bw'), avx512],
  ['the shapes of AVX-512', x64 && cpu.includes(' avx2'), ['-DEMULATE_AVX512', '-DVECTOR_BYTES=64', '-mavx2', '-mfma']],
  ['NEON', process.arch === 'arm64', ['-DVECTOR_BYTES=16']],
]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemm-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function command(file: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${file}: ${error.message.slice(0, 200)}\n${stdout.slice(0, 4000)}\n${stderr.slice(0, 4000)}`))
      else resolve(stdout)
    })
  })
}

const compile = (source: string, args: string[]): Promise<string> => command(zig, ['c++', ...flags, ...args, join(here, source)])

describe('matrix products', { timeout: 240_000 }, () => {
  for (const [name, possible, set] of cases) {
    it.skipIf(!hasZig || !possible)(`agree with plain loops: ${name}${hasZig ? '' : ' (skipped: no zig)'}`, async () => {
      const program = join(folder, name.replaceAll(/\W/g, ''))
      await compile('check.cc', [...set, '-o', program])
      expect(await command(program, ['1000'])).toContain('1000 products of each type, 0 failures')
    })
  }

  it('read and write nothing that is not theirs (AddressSanitizer)', async ({ skip }) => {
    const program = join(folder, 'sanitized')
    try {
      await command('g++', ['--version'])
    } catch {
      skip('no g++')
    }
    await command('g++', [
      '-std=c++17',
      '-O1',
      '-g',
      '-ffp-contract=off',
      '-fsanitize=address,undefined',
      '-fno-sanitize-recover=undefined',
      '-DVECTOR_BYTES=16',
      ...(process.arch === 'x64' ? ['-msse4.1'] : []),
      join(here, 'check.cc'),
      '-o',
      program,
    ])
    expect(await command(program, ['600', '7'])).toContain('0 failures')
  })

  // 16 or 32 registers hold a tile's sums and operands; a compiler that loads too early puts sums on the stack, which
  // costs up to half the speed and is seen in no result.
  for (const [name, set] of [
    ['AVX2', avx2],
    ['AVX-512', avx512],
  ] as const) {
    it.skipIf(!hasZig)(`keep their sums in registers: ${name}`, async () => {
      const assembly = join(folder, `${name}.s`)
      await compile('wasm.cc', [...set, '-target', 'x86_64-linux-gnu.2.17', '-S', '-o', assembly])
      const loops = innermost(readFileSync(assembly, 'utf8')).filter((loop) => loop.some((line) => /fmadd|mulp/.test(line)))
      expect(loops.length).toBeGreaterThan(20)
      expect(
        loops.filter((loop) => loop.some((line) => line.includes('(%rsp') || line.includes('(%rbp,'))).map((loop) => loop.join('\n')),
      ).toEqual([])
    })
  }

  it.skipIf(!hasZig)('agree with plain loops: WebAssembly', async () => {
    const file = join(folder, 'gemm.wasm')
    await compile('wasm.cc', [
      '-DVECTOR_BYTES=16',
      '-target',
      'wasm32-freestanding',
      '-msimd128',
      '-nostdlib',
      '-Wl,--no-entry',
      '-Wl,--export-dynamic',
      '-o',
      file,
    ])
    const { instance } = await WebAssembly.instantiate(readFileSync(file))
    const kernel = instance.exports as WasmProducts
    let state = 1
    const below = (n: number): number => (state = (state * 48271) % 2147483647) % n
    for (let i = 0; i < 300; i++) {
      const shape = {
        m: below(40),
        n: below(40),
        k: below(i % 10 ? 40 : 400),
        transposed: below(2) > 0,
        packed: below(2) > 0,
        start: below(3),
      }
      for (const bits of [32, 64] as const) expect(wasmError(kernel, bits, shape), JSON.stringify({ bits, ...shape })).toBeLessThan(1)
    }
  })
})

/** The straight stretches of assembly that jump back to their own beginning. */
function innermost(assembly: string): string[][] {
  const found: string[][] = []
  let label = '',
    body: string[] = []
  for (const line of assembly.split('\n')) {
    const begins = /^(\.LBB\w+):/.exec(line)
    const jump = /^\tj\w+\t(\.LBB\w+)/.exec(line)
    if (begins) [label, body] = [begins[1] ?? '', []]
    else if (jump && jump[1] === label) found.push(body)
    else if (jump) label = ''
    else if (/^\t[a-z]/.test(line)) body.push(line)
  }
  return found
}

interface WasmProducts {
  readonly memory: { readonly buffer: ArrayBuffer }
  start(): number
  multiply32(...args: number[]): void
  multiply64(...args: number[]): void
  pack32(...args: number[]): void
  pack64(...args: number[]): void
}

/** The largest error of a product in WebAssembly, in multiples of what roundings explain. */
function wasmError(
  kernel: WasmProducts,
  bits: 32 | 64,
  shape: { m: number; n: number; k: number; transposed: boolean; packed: boolean; start: number },
): number {
  const { m, n, k, transposed, packed, start } = shape
  const Scalars = bits === 32 ? Float32Array : Float64Array
  const roundoff = bits === 32 ? 2 ** -24 : 2 ** -53
  const at = (i: number): number => kernel.start() + i * (1 << 18)
  const view = (i: number, length: number): Float32Array | Float64Array => new Scalars(kernel.memory.buffer, at(i), length)
  for (let i = 0; i < 5; i++) view(i, 20_000).fill(NaN)
  const a = view(0, m * k),
    b = view(1, k * n),
    init = view(3, m * n),
    c = view(4, m * n)
  for (const operand of [a, b, init]) for (let i = 0; i < operand.length; i++) operand[i] = Math.sin(i * 1.7 + operand.length)
  if (packed) kernel[`pack${bits}`](at(1), n, 1, k, n, at(2))
  kernel[`multiply${bits}`](
    m,
    n,
    k,
    at(0),
    transposed ? 1 : k,
    transposed ? m : 1,
    at(packed ? 2 : 1),
    n,
    Number(packed),
    start,
    at(3),
    n,
    at(4),
    1,
  )
  let worst = 0
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = start === 0 ? 0 : (init[start === 1 ? j : i * n + j] ?? NaN)
      let scale = Math.abs(sum)
      for (let p = 0; p < k; p++) {
        const term = (a[transposed ? p * m + i : i * k + p] ?? NaN) * (b[p * n + j] ?? NaN)
        sum += term
        scale += Math.abs(term)
      }
      const error = Math.abs((c[i * n + j] ?? NaN) - sum) / ((2 * k + 2) * (roundoff + 2 ** -53) * scale + Number.MIN_VALUE)
      worst = error <= worst ? worst : error
    }
  }
  return Number.isNaN(view(4, m * n + 1)[m * n] ?? 0) ? worst : Infinity
}
