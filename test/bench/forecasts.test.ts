import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ablatedRows, ablationPage } from '../../bench/forecasts/ablation.js'
import { buildMark } from '../../bench/forecasts/build.js'
import { cellFile, fitWords, readCell, type Cell } from '../../bench/forecasts/cell.js'
import { main } from '../../bench/forecasts/main.js'
import { benchmarkOptions } from '../../bench/forecasts/options.js'
import { dataSets } from '../../bench/forecasts/sets.js'
import { rowsOfSet } from '../../bench/forecasts/table.js'
import { noSums } from '../../src/train/channelSums.js'
import { useFolder } from '../cli/io.js'

useFolder()
const milk = dataSets.find(({ name }) => name === 'milk')!

/** A cell whose series have these squared errors; the last value's are 4, the mean's 9, the line's 2. */
function cell(model: string, squares: readonly number[], seed = 1): Cell {
  const scores = (task: 'interpolation' | 'extrapolation') => ({
    task,
    failed: [],
    series: squares.map((one, i) => ({
      id: `s${i}`,
      channels: [
        {
          ...noSums(),
          values: 2,
          squares: one,
          logDensity: -one,
          originalLogDensity: -one,
          baselines: { mean: 9, locf: 4, linear: 2 },
          in50: 1,
          in90: 2,
        },
      ],
    })),
  })
  return {
    ...{
      set: 'milk',
      model,
      seed,
      command: `latent-ode fit milk.csv --model ${model}`,
      version: '1',
      build: 'b',
      seconds: 2 * seed,
      megabytes: 100 * seed,
    },
    normalisation: [{ channel: 'x', transform: { kind: 'none' }, mean: 0, sd: 1, rawMean: 0 }],
    scores: { interpolation: scores('interpolation'), extrapolation: scores('extrapolation') },
    details: {
      fewerShown: [{ shown: 0.1, series: squares.map((one, i) => ({ id: `s${i}`, values: 2, squares: one, meanSquares: 4 })) }],
      thirds: [1, 2, 4].map((values) => ({ values, in50: 1, in90: values })),
    },
  }
}

describe('rowsOfSet', () => {
  test('the first model beside the best of the others and of the plain baselines', () => {
    const [gaps, ahead] = rowsOfSet([cell('ours', [1, 1, 1, 1, 1]), cell('theirs', [3, 3, 3, 3, 3])], ['ours', 'theirs'])
    expect(gaps).toMatchObject({ task: 'interpolation', series: 5, values: 10, model: 'ours', mse: 0.5, nll: 0.5, in50: 0.5, in90: 1 })
    // The line's errors are 2 a series, theirs 3; ahead there is no line.
    expect(gaps).toMatchObject({ best: '(linear interpolation)', bestMse: 1, ratio: { value: 0.5, low: 0.5, high: 0.5 } })
    expect(ahead).toMatchObject({
      best: 'theirs',
      bestMse: 1.5,
      bestByNll: 'theirs',
      bestNll: 1.5,
      nllDifference: { value: -1, low: -1, high: -1 },
    })
    expect(ahead!.ratio.value).toBeCloseTo(1 / 3, 12)
  })

  test('over several seeds; a model that lacks one is not beside', () => {
    const some = [cell('ours', [1, 2], 1), cell('ours', [3, 4], 2), cell('theirs', [1, 1], 1)]
    const [, ahead] = rowsOfSet(some, ['ours', 'theirs'])
    expect(ahead).toMatchObject({ mse: 10 / 8, best: '(last value)', bestMse: 2, seconds: 3, megabytes: 200 })
    expect(ahead!.bestByNll).toBeUndefined()
    expect(rowsOfSet([cell('theirs', [1])], ['ours', 'theirs'])).toEqual([])
  })
})

describe('ablatedRows', () => {
  const labels = ['ours', 'ours --clip 1', 'ours --stack none']
  test('every other beside the first; one that was not fitted is a gap', () => {
    const [gaps, ahead] = ablatedRows([cell('ours', [1, 1, 1, 1, 1]), cell('ours --clip 1', [3, 3, 3, 3, 3])], labels)
    expect(gaps).toMatchObject({ set: 'milk', task: 'interpolation', mse: 0.5, nll: 0.5 })
    expect(ahead!.ratios).toMatchObject([{ value: 3, low: 3, high: 3 }, undefined])
    // Log densities are -1 and -3 a series of two values.
    expect(ahead!.differences).toMatchObject([{ value: 1 }, undefined])
    const page = ablationPage([gaps!, ahead!], labels, { versions: ['1'], seeds: 1, command: 'npm run benchmarks' })
    expect(page).toContain('| set | task | MSE | --clip 1 | --stack none |')
    expect(page).toContain('| milk | gaps | 0.5 | 3 (3 to 3) | – |')
  })

  test('over all seeds of the first; a series counts once', () => {
    const cells = [cell('ours', [1, 2], 1), cell('ours', [3, 2], 2), cell(labels[1]!, [1, 1], 1), cell(labels[1]!, [1, 1], 2)]
    const [gaps] = ablatedRows(cells, labels)
    expect(gaps!.mse).toBe(1)
    expect(gaps!.ratios[0]).toMatchObject({ value: 0.5, series: 2 })
    expect(ablatedRows(cells.slice(2), labels)).toEqual([])
  })
})

describe('options', () => {
  test('a model may have options of its own', () => {
    const { contestants, seeds } = benchmarkOptions(['--models', 'latent-ode,latent-ode --latents 4', '--seeds', '2'])
    expect(contestants.map(({ words }) => words)).toEqual([['latent-ode'], ['latent-ode', '--latents', '4']])
    expect(seeds).toEqual([1, 2])
    expect(fitWords({ data: 'data', threads: 2 }, milk, contestants[1]!, 2).join(' ')).toBe(
      'fit data/milk/milk.csv --model latent-ode --seed 2 --latents 4 --threads 2',
    )
    expect(cellFile({ cells: 'c' }, milk, contestants[1]!, 2)).toBe('c/milk.latent-ode-latents-4.2.json')
  })

  test.each([
    [['--sets', 'milc'], '--sets knows no "milc"'],
    [['--models', 'gru'], '--models knows no "gru"'],
    [['--seeds', '0'], '--seeds is "0"; give a whole number above 0.'],
    [['--page', 'all'], '--page is "all"; give benchmarks or ablation.'],
    [['--only', 'page'], '--only is "page"; give fits or table.'],
    [['--wibble'], 'npm run benchmarks -- [options]'],
  ])('refuses %j', async (words, message) => {
    const said: string[] = []
    expect(await main(words, (line) => said.push(line))).toBe(2)
    expect(said.join('\n')).toContain(message)
  })
})

test('the page is written of the cells that are there; NaN is kept', async () => {
  mkdirSync('cells')
  const [contestant] = benchmarkOptions(['--models', 'latent-ode']).contestants
  const path = cellFile({ cells: 'cells' }, milk, contestant!, 1)
  const first = cell('latent-ode', [1, 1, 1, 1, 1])
  first.scores.interpolation.series[0]!.channels[0]!.meanSquares = NaN
  writeFileSync(path, JSON.stringify(first))
  expect(readCell(path)).toEqual(first)
  const said: string[] = []
  const words = ['--sets', 'milk', '--models', 'latent-ode', '--cells', 'cells', '--out', 'page.md', '--only', 'table']
  expect(await main(words, (line) => said.push(line))).toBe(0)
  const page = readFileSync('page.md', 'utf8')
  expect(page).toContain(
    '| milk | gaps | 10 of 5 | 0.5 | 1 (linear interpolation) | 0.5 (0.5 to 0.5) | 0.5 | – | – | 50 % | 100 % | 2 | 100 |',
  )
  expect(page).toContain('| milk | 0.25 (0.25 to 0.25) |')
  expect(page).toContain('| milk | 100 %, 100 % of 1 | 50 %, 100 % of 2 | 25 %, 100 % of 4 |')
  expect(page).toContain('better than the best other by more than chance explains in 2, worse in 0')
  expect(page).toContain('\nnpx latent-ode fit milk.csv --model latent-ode\n')
})

test('the mark of a build follows what fits depend on, and not the command line', () => {
  mkdirSync('built/train', { recursive: true })
  mkdirSync('built/cli')
  writeFileSync('built/train/fit.js', '1')
  writeFileSync('built/cli/main.js', '1')
  const mark = buildMark('built')
  writeFileSync('built/cli/main.js', '2')
  expect(buildMark('built')).toBe(mark)
  writeFileSync('built/train/fit.js', '2')
  expect(buildMark('built')).not.toBe(mark)
})
