import { parseArgs } from 'node:util'
import { UserError } from '../src/errors.js'
import { engineNames, type EngineName } from './contestants/engines.js'
import { itemNames, type ItemName } from './problems.js'
import { trainingNames, type TrainingName } from './train/sets.js'

export interface BenchOptions {
  readonly items: readonly ItemName[]
  /** Whole training steps to time. */
  readonly training: readonly TrainingName[]
  readonly engines: readonly (EngineName | 'js')[]
  /** Seconds for each item, all contestants together, and for each training step of each engine. */
  readonly seconds: number
  readonly rounds: number
  readonly threads: readonly number[]
  readonly peers: boolean
  readonly python: string
  readonly prototype: boolean
  readonly json: boolean
  readonly scaling: boolean
  /** Where `--scaling` draws its picture. */
  readonly plot: string | undefined
  readonly help: boolean
}

export const usage = `npm run bench -- [options]

  --items W1,W3d,toy   which: ${itemNames.join(', ')}; whole training steps: ${trainingNames.join(', ')}; default all
  --engines native,js  which of native, wasm, tfjs, js; default all. js, plain loops, is what ratios are taken to
  --seconds 8          time for each item, and for each training step of each engine
  --rounds 7           turns that everyone has in it
  --threads 1,2        numbers of threads; more than 1 where there is a way: native and wasm on their best instruction
                       set (but W3ds, in which rows share their steps), training, the prototype, PyTorch
  --peers              PyTorch too (--python /usr/bin/python3, where torch is installed)
  --prototype          the measuring prototype of ../shared/prototype too, built with g++
  --scaling            how a training step's cost grows, instead; --plot costs.svg draws it
  --json               the results as JSON on standard output, the table on standard error`

/** @throws UserError `BenchOption` for options that there are not, or values that make no sense */
export function benchOptions(args: readonly string[]): BenchOptions {
  const values = parsed(args)
  const list = (text: string | undefined): string[] | undefined =>
    text
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const chosen = list(values.items) ?? [...itemNames, ...trainingNames]
  const engines = list(values.engines) ?? [...engineNames, 'js']
  requireKnown('--items', chosen, [...itemNames, ...trainingNames])
  requireKnown('--engines', engines, [...engineNames, 'js'])
  const number = (name: string, text: string, whole: boolean): number => {
    const value = Number(text)
    if (!(value > 0) || (whole && !Number.isInteger(value)))
      throw new UserError('BenchOption', `${name} is "${text}"; give a positive ${whole ? 'whole ' : ''}number.`)
    return value
  }
  if (values.plot !== undefined && !values.scaling) throw new UserError('BenchOption', '--plot draws what --scaling measures: give both.')
  return {
    items: itemNames.filter((name) => chosen.includes(name)),
    training: trainingNames.filter((name) => chosen.includes(name)),
    engines: [...engineNames, 'js' as const].filter((name) => engines.includes(name)),
    seconds: number('--seconds', values.seconds, false),
    rounds: number('--rounds', values.rounds, true),
    threads: (list(values.threads) ?? []).map((text) => number('--threads', text, true)),
    peers: values.peers,
    python: values.python,
    prototype: values.prototype,
    json: values.json,
    scaling: values.scaling,
    plot: values.plot,
    help: values.help,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        items: { type: 'string' },
        engines: { type: 'string' },
        seconds: { type: 'string', default: '8' },
        rounds: { type: 'string', default: '7' },
        threads: { type: 'string', default: '1,2' },
        peers: { type: 'boolean', default: false },
        python: { type: 'string', default: '/usr/bin/python3' },
        prototype: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        scaling: { type: 'boolean', default: false },
        plot: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UserError('BenchOption', `${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}

function requireKnown(option: string, names: readonly string[], known: readonly string[]): void {
  const stranger = names.find((name) => !known.includes(name))
  if (stranger !== undefined) throw new UserError('BenchOption', `${option} knows no "${stranger}", only ${known.join(', ')}.`)
}
