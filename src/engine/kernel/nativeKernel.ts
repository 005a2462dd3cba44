import { existsSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { crc32 } from 'node:zlib'
import { EngineError } from '../../errors.js'
import { BLOCK, type InstructionSet, type Kernel } from './kernel.js'
import { nativeBinaries } from './kernelFiles.js'
import { FORMAT } from '../lowering/codes.js'

export interface NativeKernelOptions {
  /** By default the fastest that the processor has. */
  readonly instructionSet?: InstructionSet
}

/** What addon.cc exports. */
interface Addon {
  readonly format: number
  /** Those that the processor has, fastest first. */
  readonly instructionSets: readonly InstructionSet[]
  open(instructionSet: InstructionSet): Instance
}

/** Arguments and results travel through the mailbox; see addon.cc. */
interface Instance {
  /** Takes a memory and gives the byte at which block 0 lies. The memory before is detached. */
  attach(memory: ArrayBuffer): number
  run(): void
  packedSize(): number
  pack(): void
  gather(): void
  scatterAdd(): void
  gatherWeighted(): void
  scatterWeighted(): void
  close(): void
}

/**
 * Bytes asked for at first; later, four times those there are. What is never written takes no memory (it is mapped
 * when it is touched), but moving to a larger memory takes the old and the new one at once.
 */
const reserve = 2 ** 28

/** Loaded once each: an environment keeps what it loaded to its end. */
const loaded = new Map<string, Addon>()

/**
 * The native kernel, with a memory of its own.
 *
 * @throws EngineError `NoBinary` if this package has none for the platform, `Addon` if it cannot be loaded or is
 * something else, `KernelVersion` if it is of another version, `InstructionSet` if the processor lacks what was asked for
 */
export function openNativeKernel({ instructionSet }: NativeKernelOptions = {}): Kernel {
  const { addon, platform } = loadAddon()
  const chosen = instructionSet ?? addon.instructionSets[0]
  if (!chosen)
    throw new EngineError(
      'InstructionSet',
      'This processor has none of the instruction sets of the native kernel (SSE 4.1, AVX2, AVX-512). Use the engine "wasm" or "tfjs".',
    )
  if (!addon.instructionSets.includes(chosen))
    throw new EngineError(
      'InstructionSet',
      `The instruction set "${chosen}" is not available here; the native kernel has ` +
        `${addon.instructionSets.map((name) => `"${name}"`).join(', ')} on this processor.`,
    )
  return open(addon.open(chosen), chosen, `${platform}, ${chosen}`)
}

/** The instruction sets that the native kernel can use here, fastest first. @throws EngineError as `openNativeKernel` */
export function nativeInstructionSets(): readonly InstructionSet[] {
  return loadAddon().addon.instructionSets
}

function open(instance: Instance, instructionSet: InstructionSet, detail: string): Kernel {
  const memory = new NativeMemory(instance)
  return {
    name: 'native',
    instructionSet,
    detail,
    get buffer() {
      return memory.buffer
    },
    get base() {
      return memory.base
    },
    get blocks() {
      return memory.blocks
    },
    grow: (needed) => memory.grow(needed),
    ...functionsOf(instance, memory),
    dispose() {
      instance.close()
      memory.drop()
    },
  }
}

/** The memory of an instance, which moves when it grows. */
class NativeMemory {
  buffer = new ArrayBuffer(0)
  base = 0
  blocks = 0
  /** Where arguments and results lie. */
  mailbox = new Int32Array(0)

  constructor(readonly instance: Instance) {
    this.#attach(new ArrayBuffer(4 * BLOCK))
  }

  #attach(memory: ArrayBuffer): void {
    this.base = this.instance.attach(memory)
    this.buffer = memory
    this.mailbox = new Int32Array(memory, this.base - BLOCK, BLOCK / 4)
    // One block behind the last one is read, never used.
    this.blocks = Math.floor((memory.byteLength - this.base) / BLOCK) - 1
  }

  grow(needed: number): void {
    if (needed <= this.blocks) return
    // Beside the blocks: what aligns them, the mailbox, the block behind.
    const bytes = (needed + 3) * BLOCK
    const memory = allocate(Math.max(bytes, Math.min(reserve, memoryLimit() / 4), 4 * this.buffer.byteLength)) ?? allocate(bytes)
    if (!memory)
      throw new EngineError(
        'Memory',
        `The computation needs ${megabytes(bytes)} MB of memory, and this process may use ${megabytes(memoryLimit())} MB at most. ` +
          'Lower the batch size (batchSize, --batch-size) or the number of samples (samples, --samples).',
      )
    this.#attach(memory)
  }

  drop(): void {
    this.buffer = new ArrayBuffer(0)
    this.mailbox = new Int32Array(0)
    this.blocks = 0
  }
}

type NativeFunctions = Pick<Kernel, 'run' | 'packedSize' | 'pack' | 'gather' | 'scatterAdd' | 'gatherWeighted' | 'scatterWeighted'>

/** The functions of an instance. Arguments go word by word: to spread and set them at once takes ten times as long. */
function functionsOf(instance: Instance, memory: NativeMemory): NativeFunctions {
  return {
    run(program, rows, args, scratch, from, to) {
      const { mailbox } = memory
      mailbox[0] = program
      mailbox[1] = rows
      mailbox[2] = args
      mailbox[3] = scratch
      mailbox[4] = from
      mailbox[5] = to
      instance.run()
      return mailbox[0]!
    },
    packedSize(k, n, scalarBytes) {
      const { mailbox } = memory
      mailbox[0] = k
      mailbox[1] = n
      mailbox[2] = scalarBytes
      return instance.packedSize()
    },
    pack(source, destination, k, n, transposed, scalarBytes) {
      const { mailbox } = memory
      mailbox[0] = source
      mailbox[1] = destination
      mailbox[2] = k
      mailbox[3] = n
      mailbox[4] = transposed
      mailbox[5] = scalarBytes
      instance.pack()
    },
    gather(source, destination, index, count, width, scalarBytes) {
      const { mailbox } = memory
      mailbox[0] = source
      mailbox[1] = destination
      mailbox[2] = index
      mailbox[3] = count
      mailbox[4] = width
      mailbox[5] = scalarBytes
      instance.gather()
    },
    scatterAdd(source, destination, index, count, rows, width, scalarBytes) {
      const { mailbox } = memory
      mailbox[0] = source
      mailbox[1] = destination
      mailbox[2] = index
      mailbox[3] = count
      mailbox[4] = rows
      mailbox[5] = width
      mailbox[6] = scalarBytes
      instance.scatterAdd()
    },
    gatherWeighted(source, destination, index, weights, count, terms, width, scalarBytes) {
      const { mailbox } = memory
      mailbox[0] = source
      mailbox[1] = destination
      mailbox[2] = index
      mailbox[3] = weights
      mailbox[4] = count
      mailbox[5] = terms
      mailbox[6] = width
      mailbox[7] = scalarBytes
      instance.gatherWeighted()
    },
    scatterWeighted(source, destination, from, index, weights, count, rows, terms, width, scalarBytes) {
      const { mailbox } = memory
      mailbox[0] = source
      mailbox[1] = destination
      mailbox[2] = from
      mailbox[3] = index
      mailbox[4] = weights
      mailbox[5] = count
      mailbox[6] = rows
      mailbox[7] = terms
      mailbox[8] = width
      mailbox[9] = scalarBytes
      instance.scatterWeighted()
    },
  }
}

/** Zeros, or nothing if there is no memory. The system promises more than it has, so what it has is asked first. */
function allocate(bytes: number): ArrayBuffer | undefined {
  if (bytes > memoryLimit()) return undefined
  try {
    return new ArrayBuffer(bytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Bytes of the machine, or of the container that the process is in. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

function loadAddon(): { addon: Addon; platform: string } {
  const failures: string[] = []
  for (const { platform, path } of nativeBinaries()) {
    let addon = loaded.get(path)
    if (!addon) {
      const module: { exports: unknown } = { exports: {} }
      try {
        requireWhole(path)
        process.dlopen(module, path)
      } catch (error) {
        failures.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
        continue
      }
      addon = requireAddon(module.exports, path)
      loaded.set(path, addon)
    }
    return { addon, platform }
  }
  throw new EngineError(
    'Addon',
    `The native kernel cannot be loaded. ${failures.join('; ')}. Install latent-ode again (in a clone, "npm run build"), or use the ` +
      'engine "wasm".',
  )
}

/** The system's loader crashes on a truncated library. A file that LATENT_ODE_NATIVE names has no checksum beside it. */
function requireWhole(path: string): void {
  if (!existsSync(`${path}.crc32`)) return
  const found = crc32(readFileSync(path)).toString(16)
  if (found !== readFileSync(`${path}.crc32`, 'latin1').trim())
    throw new Error('the file is damaged: its checksum is not the one beside it')
}

function requireAddon(exports: unknown, path: string): Addon {
  if (typeof exports !== 'object' || exports === null || !('format' in exports) || !('open' in exports)) {
    throw new EngineError(
      'Addon',
      `${path} is an addon of Node, but not the kernel of latent-ode. Install latent-ode again (in a clone, "npm run build"), or ` +
        'correct LATENT_ODE_NATIVE.',
    )
  }
  const addon = exports as Addon
  if (addon.format !== FORMAT)
    throw new EngineError(
      'KernelVersion',
      `The native kernel ${path} reads programs of format ${addon.format}; this version of latent-ode writes format ${FORMAT}. ` +
        'Install latent-ode again; in a clone, "npm run build" makes it anew.',
    )
  return addon
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 2 ** 20).toLocaleString('en')
}
