import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../errors.js'

/** Where the compiled kernels are: `dist/kernel/`, seen from `src/engine/kernel/` as well as from `dist/engine/kernel/`. */
const folder = fileURLToPath(new URL('../../../dist/kernel/', import.meta.url))

/** The file name of an addon, in a folder that is named after the platform. */
const addonFile = 'latent-ode.node'

/** A native binary that may run here, and the name of what it was made for. */
export interface NativeBinary {
  readonly platform: string
  readonly path: string
}

/**
 * The binaries for this machine, likeliest first: on Linux those of both C libraries, as which one Node was built for
 * shows when a binary is loaded. The environment variable LATENT_ODE_NATIVE names one file to take instead.
 *
 * @throws EngineError `NoBinary` if this package has none for the platform
 */
export function nativeBinaries(platform: string = process.platform, architecture: string = process.arch): NativeBinary[] {
  const given = process.env['LATENT_ODE_NATIVE']
  if (given) return [{ platform: 'LATENT_ODE_NATIVE', path: given }]
  const names = platform === 'linux' ? [`linux-${architecture}`, `linux-${architecture}-musl`] : [`${platform}-${architecture}`]
  const found = names.map((name) => ({ platform: name, path: `${folder}${name}/${addonFile}` })).filter(({ path }) => existsSync(path))
  if (found.length > 0) return found
  const others = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(`${folder}${name}/${addonFile}`)) : []
  throw new EngineError(
    'NoBinary',
    `There is no native kernel for ${platform}-${architecture}, only ${others.length > 0 ? `for ${others.join(', ')}` : 'for none'}. ` +
      'The engine "wasm" (WebAssembly) computes the same, more slowly. In a clone of the repository, "npm run build" makes the native ' +
      'one where the compiler exists.',
  )
}

/**
 * The bytes of a WebAssembly build of the kernel.
 *
 * @throws EngineError `NoBinary` if it was not built
 */
export function wasmBytes(instructionSet: 'simd128' | 'relaxed-simd'): Uint8Array<ArrayBuffer> {
  const path = `${folder}${instructionSet}.wasm`
  if (!existsSync(path))
    throw new EngineError(
      'NoBinary',
      `The WebAssembly kernel ${path} does not exist. "npm run build" makes it; in an installed package its absence means that the ` +
        'installation is incomplete: install latent-ode again.',
    )
  return Uint8Array.from(readFileSync(path))
}
