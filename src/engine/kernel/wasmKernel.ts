import { EngineError } from '../../errors.js'
import { BLOCK, type Kernel } from './kernel.js'
import { FORMAT } from '../lowering/codes.js'

type Bytes = ArrayBuffer | Uint8Array

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

// TypeScript has the types of WebAssembly only among those of the browser.
declare const WebAssembly:
  | {
      validate(bytes: Bytes): boolean
      instantiate(bytes: Bytes, imports: object): Promise<{ readonly instance: { readonly exports: unknown } }>
    }
  | undefined

/** What a build of wasm.cc exports. */
interface Exports {
  readonly memory: Memory
  readonly __heap_base: { readonly value: number }
  format(): number
  isRelaxed(): number
  run(memory: number, program: number, rows: number, args: number, scratch: number, from: number, to: number): number
  packedSize(k: number, n: number, scalarBytes: number): number
  pack(memory: number, source: number, destination: number, k: number, n: number, transposed: number, scalarBytes: number): void
  gather(memory: number, source: number, destination: number, index: number, count: number, width: number, scalarBytes: number): void
  scatterAdd(
    memory: number,
    source: number,
    destination: number,
    index: number,
    count: number,
    rows: number,
    width: number,
    scalarBytes: number,
  ): void
  gatherWeighted(
    memory: number,
    source: number,
    destination: number,
    index: number,
    weights: number,
    count: number,
    terms: number,
    width: number,
    scalarBytes: number,
  ): void
  scatterWeighted(
    memory: number,
    source: number,
    destination: number,
    from: number,
    index: number,
    weights: number,
    count: number,
    rows: number,
    terms: number,
    width: number,
    scalarBytes: number,
  ): void
}

const pageBytes = 65536
/** 32-bit addresses: 4 GiB. */
const mostPages = 65536

/** A module of one function, of type [] to [v128]: relaxed_madd of three zeros. */
const relaxedProbe = Uint8Array.of(
  0,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0, // magic, version
  1,
  5,
  1,
  0x60,
  0,
  1,
  0x7b, // types: [] -> [v128]
  3,
  2,
  1,
  0, // functions: one, of type 0
  10,
  19,
  1,
  17,
  0, // code: one body of 17 bytes without locals
  0x41,
  0,
  0xfd,
  0x0f,
  0x41,
  0,
  0xfd,
  0x0f,
  0x41,
  0,
  0xfd,
  0x0f, // i32.const 0, i8x16.splat: three times
  0xfd,
  0x85,
  0x02,
  0x0b, // f32x4.relaxed_madd, end
)

/** Whether WebAssembly here has relaxed SIMD, whose product and sum are one instruction. Node has it from version 22. */
export function supportsRelaxedSimd(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(relaxedProbe)
}

/**
 * The kernel as WebAssembly, with a memory of its own. Free of Node: a page gives the bytes itself.
 *
 * @param bytes a build of the kernel: `simd128.wasm` anywhere, `relaxed-simd.wasm` where `supportsRelaxedSimd()`
 * @throws EngineError `Wasm` if the bytes are no WebAssembly that runs here, `KernelVersion` if they are of another version
 */
export async function wasmKernel(bytes: Bytes): Promise<Kernel> {
  const exports = await instantiate(bytes)
  if (exports.format() !== FORMAT)
    throw new EngineError(
      'KernelVersion',
      `The WebAssembly kernel reads programs of format ${exports.format()}; this version of latent-ode writes format ${FORMAT}. Take ` +
        'both from the same version; in a clone, "npm run build" makes it anew.',
    )
  const { memory } = exports
  const base = Math.ceil(exports.__heap_base.value / BLOCK) * BLOCK
  const instructionSet = exports.isRelaxed() ? 'relaxed-simd' : 'simd128'
  // One block behind the last one is read, never used.
  const blocksThereAre = (): number => Math.floor((memory.buffer.byteLength - base) / BLOCK) - 1
  return {
    name: 'wasm',
    instructionSet,
    detail: `WebAssembly, ${instructionSet === 'simd128' ? '128-bit SIMD' : 'relaxed 128-bit SIMD'}`,
    get buffer() {
      return memory.buffer
    },
    base,
    get blocks() {
      return blocksThereAre()
    },
    grow(blocks) {
      if (blocks <= blocksThereAre()) return
      const has = memory.buffer.byteLength / pageBytes
      const needs = Math.ceil((base + (blocks + 1) * BLOCK) / pageBytes)
      const reserve = Math.min(Math.ceil(1.5 * has), mostPages)
      if (!(reserve > needs && growTo(memory, reserve)) && !growTo(memory, needs)) {
        throw new EngineError(
          'Memory',
          `The computation needs ${megabytes(needs * pageBytes)} MB of ` +
            `memory${needs > mostPages ? `; WebAssembly has ${megabytes(mostPages * pageBytes)} MB at most` : ', which the system does not give'}. ` +
            'Lower the batch size (batchSize, --batch-size) or the number of samples (samples, ' +
            `--samples)${needs > mostPages ? ', or use the engine "native"' : ''}.`,
        )
      }
    },
    run: (program, rows, args, scratch, from, to) => exports.run(base, program, rows, args, scratch, from, to),
    packedSize: (k, n, scalarBytes) => exports.packedSize(k, n, scalarBytes),
    pack: (source, destination, k, n, transposed, scalarBytes) => exports.pack(base, source, destination, k, n, transposed, scalarBytes),
    gather: (source, destination, index, count, width, scalarBytes) =>
      exports.gather(base, source, destination, index, count, width, scalarBytes),
    scatterAdd: (source, destination, index, count, rows, width, scalarBytes) =>
      exports.scatterAdd(base, source, destination, index, count, rows, width, scalarBytes),
    gatherWeighted: (source, destination, index, weights, count, terms, width, scalarBytes) =>
      exports.gatherWeighted(base, source, destination, index, weights, count, terms, width, scalarBytes),
    scatterWeighted: (source, destination, from, index, weights, count, rows, terms, width, scalarBytes) =>
      exports.scatterWeighted(base, source, destination, from, index, weights, count, rows, terms, width, scalarBytes),
    // The memory goes with the last reference to this object.
    dispose() {},
  }
}

async function instantiate(bytes: Bytes): Promise<Exports> {
  if (typeof WebAssembly === 'undefined') throw new EngineError('Wasm', 'There is no WebAssembly here.')
  try {
    const env = { kernel_sin: Math.sin, kernel_cos: Math.cos, kernel_pow: Math.pow }
    const { instance } = await WebAssembly.instantiate(bytes, { env })
    if (!isKernel(instance.exports)) throw new Error('it is not the kernel of latent-ode')
    return instance.exports
  } catch (error) {
    throw new EngineError(
      'Wasm',
      `The WebAssembly kernel cannot be used here: ${error instanceof Error ? error.message : String(error)}. It needs 128-bit SIMD ` +
        '(Node 16, browsers since 2023).',
      { cause: error },
    )
  }
}

function isKernel(exports: unknown): exports is Exports {
  return typeof exports === 'object' && exports !== null && 'format' in exports
}

function growTo(memory: Memory, pages: number): boolean {
  if (pages > mostPages) return false
  try {
    memory.grow(pages - memory.buffer.byteLength / pageBytes)
    return true
  } catch {
    return false
  }
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 2 ** 20).toLocaleString('en')
}
