import { EngineError, UserError } from '../errors.js'
import type { Dtype, Engine, EngineName } from './engine.js'
import { tfjsEngine } from './tfjs.js'
import { chooseBackend, tfjsBackends } from './tfjsBackend.js'

const choices = ['auto', 'native', 'wasm', 'tfjs'] as const

export interface SelectOptions {
  /** The scalars to compute with; float32 by default. */
  readonly dtype?: Dtype
}

/**
 * The engine of that name. `'auto'` is the fastest one that this version has: `'tfjs'`.
 *
 * @param name `'auto'`, `'native'`, `'wasm'` or `'tfjs'`; by default what LATENT_ODE_ENGINE says, else `'auto'`
 * @throws UserError `Engine` for a name that is none, or an engine that this version does not have
 * @throws EngineError if the engine cannot be had, or has no scalars of that type
 */
export async function selectEngine(name: string = environmentChoice(), { dtype = 'float32' }: SelectOptions = {}): Promise<Engine> {
  switch (requireName(name)) {
    case 'auto': case 'tfjs': return tfjsEngine({ dtype })
    case 'native': case 'wasm':
      throw new UserError('Engine', `This version of latent-ode has no engine "${name}" yet. Use "tfjs"${name === 'wasm' ? ', which runs on the WebAssembly backend of TensorFlow.js,' : ''} or "auto".`)
  }
}

/** One line of `doctor`: an engine, or a backend of the tfjs engine. */
export interface EngineReport {
  readonly name: EngineName | `tfjs/${(typeof tfjsBackends)[number]}`
  readonly available: boolean
  readonly detail: string
}

/** What can run Graphs here, and why the rest cannot. Opens each backend in turn and multiplies two matrices on it. */
export async function engineReport(): Promise<EngineReport[]> {
  const reports: EngineReport[] = [
    { name: 'native', available: false, detail: 'not in this version' },
    { name: 'wasm', available: false, detail: 'not in this version' },
  ]
  const backends: EngineReport[] = []
  for (const backend of tfjsBackends) {
    try {
      const { runtime } = await chooseBackend(backend)
      backends.push({ name: `tfjs/${backend}`, available: true, detail: runtime.detail })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      backends.push({ name: `tfjs/${backend}`, available: false, detail: error.message })
    }
  }
  const first = backends.find(({ available }) => available)
  return [...reports, { name: 'tfjs', available: first !== undefined, detail: first ? `float32, on ${first.detail}` : 'no backend of TensorFlow.js works' }, ...backends]
}

function environmentChoice(): string {
  const chosen = typeof process === 'undefined' ? undefined : process.env['LATENT_ODE_ENGINE']
  return chosen === undefined || chosen === '' ? 'auto' : chosen
}

function requireName(name: string): (typeof choices)[number] {
  const found = choices.find((choice) => choice === name)
  if (found) return found
  const [nearest] = [...choices].sort((a, b) => distance(name.toLowerCase(), a) - distance(name.toLowerCase(), b))
  throw new UserError('Engine', `There is no engine "${name}". Did you mean "${nearest}"? Engines are ${choices.map((choice) => `"${choice}"`).join(', ')}; one is chosen by --engine or LATENT_ODE_ENGINE.`)
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
