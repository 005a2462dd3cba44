import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../src/errors.js'
import { ablatedRows, ablationPage } from './ablation.js'
import { buildMark } from './build.js'
import { detailTables } from './detailTables.js'
import { cellFile, fitWords, readCell, runCell, type Cell } from './cell.js'
import { benchmarkOptions, usage, type BenchmarkOptions } from './options.js'
import { benchmarkPage, rowsOfSet } from './table.js'

/** Fits what is not fitted yet, and writes the page of what there is. Gives the exit code. */
export async function main(args: readonly string[], say: (line: string) => void = console.error): Promise<number> {
  try {
    const options = benchmarkOptions(args)
    if (options.help) {
      say(usage)
      return 0
    }
    const failed = options.only === 'table' ? 0 : await runCells(options, say)
    if (options.only !== 'fits') writePage(options, say)
    return failed > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    say(error.message)
    return 2
  }
}

/** Gives the number of fits that failed; these are tried again by the next run. */
async function runCells(options: BenchmarkOptions, say: (line: string) => void): Promise<number> {
  const build = buildMark()
  let failed = 0
  for (const set of options.sets) {
    const path = join(options.data, set.path)
    if (!existsSync(path)) {
      say(`${set.name}: skipped, since there is no ${path} (--data names the folder).`)
      continue
    }
    for (const seed of options.seeds) {
      for (const contestant of options.contestants) {
        const name = `${set.name}, ${contestant.label}, seed ${seed}`
        const there = readCell(cellFile(options, set, contestant, seed))
        const same = there?.command === `latent-ode ${fitWords(options, set, contestant, seed).join(' ')}`
        if (same && (options.keep || there.build === build)) {
          say(`${name}: there already.`)
          continue
        }
        try {
          const { seconds, megabytes } = await runCell(options, set, contestant, seed, build)
          say(`${name}: ${seconds.toFixed(1)} s, ${Math.round(megabytes)} MB.`)
        } catch (error) {
          failed++
          say(`${name}: failed. ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    }
  }
  return failed
}

function writePage(options: BenchmarkOptions, say: (line: string) => void): void {
  const cells = options.sets.map((set) =>
    options.seeds.flatMap((seed) =>
      options.contestants.flatMap((contestant): Cell[] => {
        const cell = readCell(cellFile(options, set, contestant, seed))
        return cell === undefined ? [] : [cell]
      }),
    ),
  )
  const models = options.contestants.map(({ label }) => label)
  const about = { versions: [...new Set(cells.flat().map(({ version }) => version))], seeds: options.seeds.length }
  const [rows, page] = options.page === 'ablation' ? ablation(cells, models, options, about) : benchmarks(cells, models, about)
  if (rows === 0) {
    say(`No set has a fit of ${models[0]!}, so no table is written.`)
    return
  }
  writeFileSync(options.out, page)
  say(`${options.out}: ${rows} rows.`)
}

type Cells = readonly (readonly Cell[])[]
type About = { readonly versions: readonly string[]; readonly seeds: number }

function benchmarks(cells: Cells, models: readonly string[], about: About): [rows: number, page: string] {
  const rows = cells.flatMap((some) => rowsOfSet(some, models))
  const details = detailTables(cells.map((some) => some.filter(({ model }) => model === models[0])))
  return [rows.length, benchmarkPage(rows, { ...about, details })]
}

function ablation(cells: Cells, models: readonly string[], options: BenchmarkOptions, about: About): [rows: number, page: string] {
  const rows = cells.flatMap((some) => ablatedRows(some, models))
  const sets = options.sets.map(({ name }) => name).join(',')
  const command = `npm run benchmarks -- --page ablation --sets ${sets} --models "${models.join(',')}" --seeds ${about.seeds}`
  return [rows.length, ablationPage(rows, models, { ...about, command })]
}
