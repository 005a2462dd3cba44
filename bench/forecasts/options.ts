import { parseArgs } from 'node:util'
import { UserError } from '../../src/errors.js'
import { modelNames, usualModels } from '../../src/model/models.js'
import { dataSets, type DataSet } from './sets.js'

/** A model with the options that it is fitted with, as they are typed: `latent-ode --latents 4`. */
export interface Contestant {
  readonly label: string
  readonly words: readonly string[]
}

export interface BenchmarkOptions {
  readonly sets: readonly DataSet[]
  /** The first is the one that the others are compared with. */
  readonly contestants: readonly Contestant[]
  readonly seeds: readonly number[]
  /** Fits only, or the table of what is there only; default both. */
  readonly only: 'fits' | 'table' | undefined
  /** The first beside the best of the others, or every other beside the first. */
  readonly page: 'benchmarks' | 'ablation'
  /** Take fits of other builds for done, too. */
  readonly keep: boolean
  readonly data: string
  readonly cells: string
  readonly out: string
  readonly threads: number | undefined
  readonly help: boolean
}

export const usage = `npm run benchmarks -- [options]

  --sets milk,pbcseq   which: ${dataSets.map(({ name }) => name).join(', ')}; default all that are there
  --models latent-ode  which, the first is compared with the others; options may follow a name, as in
                       "latent-ode,latent-ode --latents 4"; default ${usualModels.join(', ')}
  --seeds 5            number of splits and fits, from seed 1 on; default 1
  --only table         fits: no table is written; table: nothing is fitted
  --page ablation      writes every other model beside the first; default benchmarks: the best of the others
  --keep               take what other builds of the package fitted, too
  --data ../shared/data, --cells .benchmarks, --out docs/<page>.md
  --threads 2          of each fit; default that of fit

A fit that is done is a file in --cells. The same build does not fit it again, so a run that was stopped goes on where it was.`

/** @throws UserError `BenchmarkOption` for options that there are not, or values that make no sense */
export function benchmarkOptions(args: readonly string[]): BenchmarkOptions {
  const values = parsed(args)
  const list = (text: string | undefined): string[] | undefined =>
    text
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const sets = list(values.sets) ?? dataSets.map(({ name }) => name)
  requireKnown(
    '--sets',
    sets,
    dataSets.map(({ name }) => name),
  )
  const contestants = (list(values.models) ?? usualModels).map((label) => ({ label, words: label.split(/\s+/) }))
  requireKnown(
    '--models',
    contestants.map(({ words }) => words[0]!),
    modelNames,
  )
  const whole = (name: string, text: string): number => {
    const value = Number(text)
    if (!(Number.isInteger(value) && value > 0))
      throw new UserError('BenchmarkOption', `${name} is "${text}"; give a whole number above 0.`)
    return value
  }
  const { only } = values
  if (only !== undefined && only !== 'fits' && only !== 'table')
    throw new UserError('BenchmarkOption', `--only is "${only}"; give fits or table.`)
  const { page } = values
  if (page !== 'benchmarks' && page !== 'ablation')
    throw new UserError('BenchmarkOption', `--page is "${page}"; give benchmarks or ablation.`)
  return {
    sets: dataSets.filter(({ name }) => sets.includes(name)),
    contestants,
    seeds: Array.from({ length: whole('--seeds', values.seeds) }, (_, i) => i + 1),
    only,
    page,
    keep: values.keep,
    data: values.data,
    cells: values.cells,
    out: values.out ?? `docs/${page}.md`,
    threads: values.threads === undefined ? undefined : whole('--threads', values.threads),
    help: values.help,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        sets: { type: 'string' },
        models: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        only: { type: 'string' },
        keep: { type: 'boolean', default: false },
        data: { type: 'string', default: '../shared/data' },
        cells: { type: 'string', default: '.benchmarks' },
        out: { type: 'string' },
        page: { type: 'string', default: 'benchmarks' },
        threads: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UserError('BenchmarkOption', `${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}

function requireKnown(option: string, names: readonly string[], known: readonly string[]): void {
  const stranger = names.find((name) => !known.includes(name))
  if (stranger !== undefined) throw new UserError('BenchmarkOption', `${option} knows no "${stranger}", only ${known.join(', ')}.`)
}
