import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// accuracy.cc compares the functions of src/kernel/math.h with the C library's in a wider type; here it is built and
// run for each instruction set that this processor has. docs/kernel-accuracy.md tells what many more points give.

const here = fileURLToPath(new URL('./math', import.meta.url))
const zig = fileURLToPath(new URL('../../node_modules/.bin/zig', import.meta.url))
const cpu = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''
const x64 = process.arch === 'x64' && process.platform === 'linux'
const flags = ['-std=c++17', '-O2', '-g0', '-ffp-contract=off', '-Wall', '-Wextra', '-Werror']
const zigFlags = [
  ...flags,
  '-nostdlib++',
  '-nostdinc++',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-sanitize=undefined',
  '-Wno-nullability-completeness',
]

/** Units in the last place that the kernel promises. */
const PROMISED = 4

// TypeScript has the types of WebAssembly only among those of the browser.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  instantiate(bytes: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: unknown } }>
}

// (GCC's own headers of AVX-512 leave variables uninitialised on purpose.)
const sets: [name: string, possible: boolean, flags: string[]][] = [
  ['AVX2, fused', x64 && cpu.includes(' avx2') && cpu.includes(' fma'), ['-DVECTOR_BYTES=32', '-mavx2', '-mfma']],
  ['SSE4.1, rounded twice', x64 && cpu.includes(' sse4_1'), ['-DVECTOR_BYTES=16', '-msse4.1']],
  [
    'AVX-512, fused',
    x64 && cpu.includes(' avx512dq') && cpu.includes(' avx512vl'),
    ['-DVECTOR_BYTES=64', '-mavx512f', '-mavx512dq', '-mavx512vl', '-Wno-uninitialized', '-Wno-maybe-uninitialized'],
  ],
  ['NEON, fused', process.arch === 'arm64' && process.platform === 'linux', ['-DVECTOR_BYTES=16']],
]

/** What accuracy.cc prints: numbers that JSON does not have are strings. */
interface Measured {
  readonly digits: readonly [number, number]
  readonly wrongPowers: number
  readonly functions: Readonly<
    Record<
      string,
      {
        readonly ulp: number
        readonly at: string
        readonly largest: string
        readonly asymmetric: number
        readonly points: number
        readonly values: Readonly<Record<string, string>>
      }
    >
  >
}

/** Values that mathematics (or IEEE 754, for zeros and infinities) gives exactly, of both types. */
const exact: Record<string, Record<string, string>> = {
  exp: { '-Infinity': '0', '-1000': '0', '-0': '1', 0: '1', 1000: 'Infinity', Infinity: 'Infinity', NaN: 'NaN' },
  expm1: { '-Infinity': '-1', '-1000': '-1', '-0': '-0', 0: '0', 1000: 'Infinity', Infinity: 'Infinity', NaN: 'NaN' },
  log: { '-Infinity': 'NaN', '-1': 'NaN', '-0': '-Infinity', 0: '-Infinity', 1: '0', Infinity: 'Infinity', NaN: 'NaN' },
  log1p: { '-Infinity': 'NaN', '-2': 'NaN', '-1': '-Infinity', '-0': '-0', 0: '0', Infinity: 'Infinity', NaN: 'NaN' },
  sin: { '-Infinity': 'NaN', 0: '0', Infinity: 'NaN', NaN: 'NaN' },
  cos: { '-Infinity': 'NaN', '-0': '1', 0: '1', Infinity: 'NaN', NaN: 'NaN' },
  tanh: { '-Infinity': '-1', '-1000': '-1', '-0': '-0', 0: '0', 50: '1', Infinity: '1', NaN: 'NaN' },
  sigmoid: { '-Infinity': '0', '-1000': '0', '-0': '0.5', 0: '0.5', 50: '1', Infinity: '1', NaN: 'NaN' },
  softplus: { '-Infinity': '0', '-1000': '0', 50: '50', 1000: '1000', Infinity: 'Infinity', NaN: 'NaN' },
}

let folder = ''
let compiler: readonly [string, ...string[]] | undefined
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'math-'))
  compiler = await run('g++', ['--version']).then(
    () => ['g++', ...flags] as const,
    () => (existsSync(zig) ? ([zig, 'c++', ...zigFlags] as const) : undefined),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${file}: ${error.message.slice(0, 200)}\n${stderr.slice(0, 4000)}`))
      else resolve(stdout)
    })
  })
}

describe('functions of the kernel', { timeout: 240_000 }, () => {
  for (const [name, possible, set] of sets) {
    it.skipIf(!possible)(`keep to ${PROMISED} ulp, limits and symmetries: ${name}`, async ({ skip }) => {
      if (!compiler) return skip('neither g++ nor zig')
      const [file, ...args] = compiler
      const program = join(folder, name.replaceAll(/\W/g, ''))
      await run(file, [...args, ...set, join(here, 'accuracy.cc'), '-lm', '-o', program])
      // With and without flushing denormals: natively the kernel flushes, in WebAssembly it cannot.
      for (const points of [
        ['200000', '60000'],
        ['40000', '20000', 'keep'],
      ]) {
        const measured = JSON.parse(await run(program, points)) as Record<'float32' | 'float64', Measured>
        for (const [type, seen] of Object.entries(measured)) expectPromises(type, seen)
      }
    })
  }

  for (const [name, extra] of [
    ['SIMD128', []],
    ['relaxed SIMD', ['-mrelaxed-simd']],
  ] as const) {
    it(`agree with JavaScript's Math: WebAssembly, ${name}`, async ({ skip }) => {
      if (!existsSync(zig)) return skip('no zig')
      const file = join(folder, `${name}.wasm`)
      await run(zig, [
        'c++',
        ...zigFlags,
        '-DVECTOR_BYTES=16',
        '-target',
        'wasm32-freestanding',
        '-msimd128',
        ...extra,
        '-nostdlib',
        '-Wl,--no-entry',
        join(here, 'wasm.cc'),
        '-o',
        file,
      ])
      const bytes = readFileSync(file)
      if (!WebAssembly.validate(bytes)) return skip(`this JavaScript engine has no ${name}`)
      const { instance } = await WebAssembly.instantiate(bytes, { env: { sin: Math.sin, cos: Math.cos, pow: Math.pow } })
      const module = instance.exports as WasmFunctions
      // Math is correct to one unit of float64, which counts only there.
      expect(wasmErrors(module, 'float32')).toEqual([])
      expect(wasmErrors(module, 'float64')).toEqual([])
    })
  }
})

function expectPromises(type: string, { digits, wrongPowers, functions }: Measured): void {
  expect(wrongPowers, `${type} pow`).toBe(0)
  expect(Object.keys(functions)).toEqual(Object.keys(exact))
  for (const [name, seen] of Object.entries(functions)) {
    const what = `${type} ${name}`
    for (const [x, y] of Object.entries(exact[name] ?? {})) expect(seen.values[x], `${what}(${x})`).toBe(y)
    // A C library without a wider type than float64 can measure float32 only.
    if (digits[1] > digits[0]) expect(seen.ulp, `${what} at ${seen.at}`).toBeLessThanOrEqual(PROMISED)
    expect(seen.asymmetric, `${what}: f(-x) is not -f(x)`).toBe(0)
    expect(seen.points).toBeGreaterThanOrEqual(20_000)
  }
  const value = (name: string, x: number): number => Number(functions[name]?.values[x])
  expect(Number(functions['tanh']?.largest)).toBe(1)
  expect(Number(functions['sigmoid']?.largest)).toBe(1)
  // Far out 1 + e^x is 1, the results are e^x all the same; 1e-6 is beyond the roundings of float32.
  for (const [name, x] of [
    ['softplus', -50],
    ['softplus', -80],
    ['sigmoid', -50],
    ['sigmoid', -80],
    ['exp', -80],
  ] as const)
    expect(value(name, x) / Math.exp(x), `${type} ${name}(${x})`).toBeCloseTo(1, 6)
  // Near 0 the results are x to the last bit.
  const least = type === 'float32' ? '1.1754943508222875e-38' : '2.2250738585072014e-308'
  for (const name of ['expm1', 'log1p', 'tanh', 'sin']) expect(functions[name]?.values[least], `${type} ${name}`).toBe(least)
}

interface WasmFunctions {
  readonly memory: { readonly buffer: ArrayBuffer }
  address(): number
  float32(number: number): void
  float64(number: number): void
}

const truths: readonly ((x: number) => number)[] = [
  Math.exp,
  Math.expm1,
  Math.log,
  Math.log1p,
  Math.sin,
  Math.cos,
  Math.tanh,
  (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
]

/** Where a function misses its promise by WebAssembly, as text; points of all magnitudes and both signs. */
function wasmErrors(module: WasmFunctions, type: 'float32' | 'float64'): string[] {
  const count = 4096
  const [Values, digits, least, allowed] =
    type === 'float32' ? ([Float32Array, 24, 2 ** -126, PROMISED] as const) : ([Float64Array, 53, 2 ** -1022, PROMISED + 1] as const)
  const errors: string[] = []
  for (const [number, name] of Object.keys(exact).entries()) {
    for (let round = 0; round < 8; round++) {
      const values = new Values(module.memory.buffer, module.address(), count)
      const x = values.map((_, i) => {
        const mantissa = Math.sin(i * 12.9898 + round)
        return round < 4 ? mantissa * 2 ** ((i % (2 * digits)) - 2 * digits + 8) : mantissa * (type === 'float32' ? 95 : 740)
      })
      x.set([0, -0, Infinity, -Infinity, NaN, 1, -1, 1e30])
      values.set(x)
      module[type](number)
      for (const [i, y] of values.entries()) {
        const truth = truths[number]?.(x[i] ?? NaN) ?? NaN
        const unit = 2 ** (Math.floor(Math.log2(Math.abs(truth))) + 1 - digits)
        const right = Number.isFinite(new Values([truth])[0])
          ? Math.abs(truth) < least
            ? Math.abs(y) <= least
            : Math.abs(y - truth) <= allowed * unit
          : Object.is(y, new Values([truth])[0])
        if (!right) errors.push(`${type} ${name}(${x[i]}) = ${y}, not ${truth}`)
      }
    }
  }
  return errors
}
