import { beforeAll, describe, expect, test } from 'vitest'
import type { Series, SeriesSet } from '../../src/data/series.js'
import { nativeEngine } from '../../src/engine/select.js'
import type { Engine } from '../../src/engine/engine.js'
import { render } from '../../src/notebook/render.js'
import { random } from '../../src/random.js'
import { collectReport, type CollectOptions } from '../../src/report/collect.js'
import { collectComparison } from '../../src/report/comparison/collect.js'
import { renderComparison } from '../../src/report/comparison/renderComparison.js'
import type { ReportContents } from '../../src/report/contents.js'
import { describeInside, insideOfPage, insideOfFigures } from '../../src/report/inside.js'
import { reportOn, comparisonOf } from '../../src/report/subject.js'
import { renderReport } from '../../src/report/renderReport.js'
import { renderSheet } from '../../src/report/still/sheet.js'
import { light } from '../../src/report/theme.js'
import { compareEvaluations } from '../../src/report/comparison/evaluations.js'
import { evaluate } from '../../src/train/evaluate.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { predict } from '../../src/train/predict.js'
import { buildPage } from '../../scripts/page.mjs'
import { sampleContents } from './sample.js'
import { sampleFit } from './fittedSample.js'

/** Series whose ids, values and times are found by their bytes: none of these numbers occurs by chance. */
function unmistakable(): SeriesSet {
  const draw = random(11, 'unmistakable')
  const digits = (whole: number): number => Number(`${Math.trunc(whole)}.${String(1e6 + draw.integer(9e6))}`)
  // Large whole numbers are told to the last digit wherever numbers are told for people.
  const whole = (value: number): number => Math.trunc(1e6 * value) + draw.integer(1e6)
  return {
    channels: ['wave', 'level'],
    time: { kind: 'number' },
    idColumn: 'id',
    timeColumn: 'time',
    series: Array.from({ length: 16 }, (_, i): Series => {
      const times = Float64Array.from({ length: 8 }, (_, k) => digits(40 * k + 3 * i))
      const values = Float64Array.from({ length: 16 }, (_, cell) =>
        (cell % 2 === 0 ? digits : whole)(30 + 20 * Math.sin(times[cell >> 1]! / 60 + i)),
      )
      return { id: `Qx${i}-${String.fromCharCode(97 + i)}zz`, times, values, mask: new Uint8Array(16).fill(1) }
    }),
  }
}

const set = unmistakable()
const labels = [{ name: 'ward', values: new Map(set.series.map(({ id }, i) => [id, `ward-${String.fromCharCode(65 + i)}x`])) }]
let engine: Engine
let fitted: FittedModel
let other: FittedModel
beforeAll(async () => {
  engine = await nativeEngine()
  await buildPage()
  fitted = await sampleFit(engine, set, { testFraction: 0.4 })
  other = await sampleFit(engine, set, { testFraction: 0.4, latents: 2 })
}, 60_000)

const collect = (options: Partial<CollectOptions> = {}): ReportContents =>
  collectReport(engine, fitted, set, {
    files: { model: 'm.safetensors', data: 'd.csv' },
    series: 2,
    samples: 4,
    labels,
    generated: new Date(0),
    ...options,
  })

/** All that a file says, in whatever form: the text, what JSON in it unpacks to, and what base64 in that stands for. */
function unpacked(file: string): string {
  const jsons = [...file.matchAll(/<script type="application\/json"[^>]*>(.*?)<\/script>/gs)].map(
    ([, text]) => JSON.parse(text!) as unknown,
  )
  const columns = jsons
    .flatMap((json) => (json as { columns?: (unknown[] | { decimals: number; steps: number[] })[] }).columns ?? [])
    .map((column) => {
      if (Array.isArray(column)) return column
      let sum = 0
      return column.steps.map((step) => (sum += step) / 10 ** column.decimals)
    })
  const coded = jsons
    .flatMap(textsOf)
    .filter((text) => text.length > 60 && /^[A-Za-z0-9+/]+=*$/.test(text))
    .map((text) => Buffer.from(text, 'base64'))
  const floats = coded.map((bytes) => Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(4 * i)).join(' '))
  expect(file).not.toMatch(/H4sI|;base64,/)
  // Code is the same whatever the data are.
  return [
    file.replace(/<script>.*?<\/script>/gs, '').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
    JSON.stringify(jsons),
    JSON.stringify(columns),
    ...coded.map((bytes) => bytes.toString('latin1')),
    ...floats,
  ].join('\n')
}

function textsOf(json: unknown): string[] {
  if (typeof json === 'string') return [json]
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(textsOf) : []
}

/** The first eight characters of a number: six or seven digits. */
const start = (number: string): string => number.slice(0, 8)

/** What of some series is in a text: ids, values and times, labels. Values and times are looked for to six digits. */
function found(text: string, series: readonly Series[]): string[] {
  // With commas between thousands or not.
  const numbers = new Set(
    [...text.matchAll(/\d+\.?\d*/g), ...text.matchAll(/\d{1,3}(?:,\d{3})+/g)].map(([number]) => start(number.replaceAll(',', ''))),
  )
  const known = (values: Float64Array): boolean => Array.from(values).some((value) => numbers.has(start(String(value))))
  return series.flatMap(({ id, values, times }) => [
    ...(text.includes(id) ? [`id of ${id}`] : []),
    ...(known(values) ? [`value of ${id}`] : []),
    // The model knows the earliest time of all.
    ...(known(times.filter((time) => time !== fitted.scale.earliest)) ? [`time of ${id}`] : []),
    ...(text.includes(labels[0]!.values.get(id)!) ? [`label of ${id}`] : []),
  ])
}

const seriesOf = (named: readonly string[]): Series[] => set.series.filter(({ id }) => named.includes(id))
const leaks = (text: string, named: readonly string[]): string[] =>
  found(
    text,
    set.series.filter(({ id }) => !named.includes(id)),
  )

describe('what a page holds', () => {
  test.each([{}, { live: false, series: 1 }, { all: true, series: 3 }])(
    'of series that it does not name: no id, value, time or label, %o',
    async (options) => {
      const contents = collect(options)
      const page = await renderReport(contents)
      const named = contents.series.map(({ id }) => id)
      expect(named).toHaveLength(options.series ?? 2)
      expect(leaks(unpacked(page), named)).toEqual([])
      // Of those that it names all is there, to as many digits as are drawn; the model is asked about values as they are.
      expect(found(unpacked(page), seriesOf(named))).toEqual(
        named
          .map((id) => set.series.find((series) => series.id === id)!)
          .sort((a, b) => set.series.indexOf(a) - set.series.indexOf(b))
          .flatMap(({ id }) => ['id', 'value', 'time', 'label'].map((what) => `${what} of ${id}`)),
      )
      expect(insideOfPage(page)).toMatchObject({
        named,
        drawn: { series: named.length, values: 16 * named.length },
        timelines: named.length,
        summaries: named.length,
        ...(!('live' in options) && { model: { series: named.length, values: 16 * named.length } }),
      })
      expect('model' in insideOfPage(page)).toBe(!('live' in options))
      // One mark in the latent space for each of the others, and one for each that was scored in the two figures of errors.
      const scored = contents.evaluations.extrapolation!.scores.series
      const unnamed = (total: number, ids: readonly string[]): number => total - named.filter((id) => ids.includes(id)).length
      const ids = options.all === true ? set.series.map((series) => series.id) : fitted.split.test
      expect(insideOfPage(page).unnamed).toBe(
        unnamed(
          16,
          set.series.map((series) => series.id),
        ) +
          2 * unnamed(scored, ids),
      )
    },
  )

  test('of all of them, if they are to be named; so the search finds what is there', async () => {
    const page = await renderReport(collect({ nameAll: true }))
    expect(found(unpacked(page), set.series)).toEqual(
      set.series.flatMap(({ id }) => ['id', 'value', 'time', 'label'].map((what) => `${what} of ${id}`)),
    )
    expect(insideOfPage(page)).toMatchObject({
      named: expect.arrayContaining(set.series.map(({ id }) => id)) as string[],
      timelines: 16,
      summaries: 16,
      unnamed: 0,
    })
  })

  test('marks without a name stand in no order that says whose they are', async () => {
    const page = await renderReport(collect({ series: 1 }))
    const { figures, columns } = JSON.parse(/id="figures">(.*?)<\/script>/s.exec(page)![1]!) as {
      figures: { name: string; data: [string, string[], number[]][] }[]
      columns: (unknown[] | { decimals: number; steps: number[] })[]
    }
    const column = (figure: string, set: string, field: string): unknown[] => {
      const [, fields, held] = figures.find(({ name }) => name === figure)!.data.find(([name]) => name === set)!
      const packed = columns[held[fields.indexOf(field)]!]!
      let sum = 0
      return Array.isArray(packed) ? packed : packed.steps.map((step) => (sum += step) / 10 ** packed.decimals)
    }
    const ascending = (values: unknown[]): boolean => values.every((value, i) => i === 0 || Number(values[i - 1]) <= Number(value))
    expect(column('latent-space', 'points', 'series').slice(1)).toEqual(Array(15).fill(null))
    expect(ascending(column('latent-space', 'points', 'x').slice(1))).toBe(true)
    const others = column('series-errors-extrapolation', 'series', 'series').filter((id) => id === null).length
    expect(others).toBeGreaterThan(2)
    expect(ascending(column('series-errors-extrapolation', 'series', 'baseline').slice(-others))).toBe(true)
  })

  test('is said in it twice, as it was found in it', async () => {
    const page = await renderReport(collect())
    const text = describeInside(insideOfPage(page)).replaceAll("'", '&#39;')
    expect(page.split(text)).toHaveLength(3)
    const [one, two] = insideOfPage(page).named
    expect(text).toMatch(
      new RegExp(
        '^This file holds 32 observed values of 2 series; the fitted model, with 32 observed values of the 2 series that it can be ' +
          'asked about; the times at which 2 series were observed; what the figures of all tell of 2 series each, such as errors, ' +
          `means and labels\\. Named are 2 series: ${one!}, ${two!}\\. \\d+ marks of other series, such as errors, are without id, ` +
          `time, value or label\\. Pass it on only to those who may see the data themselves\\.$`,
      ),
    )
    expect(page).not.toContain('<!--')
  })

  test('an id in the markup counts, also if no figure has it', async () => {
    const page = await renderReport(collect({ series: 0 }))
    expect(insideOfPage(page).named).toEqual([])
    expect(insideOfPage(page.replace('<main>', '<main><p data-series="a&#38;b">')).named).toEqual(['a&b'])
  })
})

test('nothing but summaries', async () => {
  const base = sampleContents({ series: 2 })
  const page = await renderReport({
    ...base,
    nameAll: false,
    series: [],
    latent: undefined,
    evaluations: {},
    data: { ...base.data, raster: [] },
  })
  expect(insideOfPage(page)).toEqual({ named: [], drawn: { series: 0, values: 0 }, timelines: 0, summaries: 0, unnamed: 0 })
  expect(page).toContain('This file holds summaries of the data, and no single observation. No series is named.')
})

describe('figures as files, and Markdown', () => {
  test.each([undefined, true])('hold no more than a page, comparison: %s', async (compared) => {
    const subject =
      compared === undefined
        ? reportOn(collect())
        : comparisonOf(
            collectComparison(engine, [fitted, other], set, { files: { models: ['a', 'b'], data: 'd.csv' }, series: 2, samples: 4 }),
          )
    const { all, forecasts, markdown } = subject.figures(light)
    const files = [
      ...(await Promise.all([forecasts!, ...all].map((still) => renderSheet(still, light)))),
      markdown(({ name }) => `${name}.svg`),
    ]
    for (const file of files) expect(leaks(unpacked(file), subject.series)).toEqual([])
    for (const id of subject.series) expect(files.join('')).toContain(id)
    expect(insideOfFigures(all)).toMatchObject({ named: subject.series, drawn: { series: 2, values: 32 }, summaries: 0 })
    expect(files.at(-1)!.replaceAll('\\', '')).toContain(`This page and its figures hold 32 observed values of 2 series`)
  })
})

test('a page that compares two models names those it draws', async () => {
  const files = { models: ['a', 'b'], data: 'd.csv' } as const
  const contents = collectComparison(engine, [fitted, other], set, { files, series: 2, samples: 4 })
  const page = await renderComparison(contents)
  const named = contents.series.map(({ id }) => id)
  expect(leaks(unpacked(page), named)).toEqual([])
  expect(insideOfPage(page)).toEqual({
    named,
    drawn: { series: 2, values: 32 },
    timelines: 0,
    summaries: 2,
    unnamed: 2 * (contents.extrapolation!.series - 2),
  })
  const whole = await renderComparison(collectComparison(engine, [fitted, other], set, { files, series: 2, samples: 4, nameAll: true }))
  expect(insideOfPage(whole)).toMatchObject({
    named: expect.arrayContaining([...fitted.split.test]) as string[],
    summaries: contents.extrapolation!.series,
    unnamed: 0,
  })
})

test('notebooks show no more than what they draw by name', async () => {
  const evaluation = (model: FittedModel) => evaluate(engine, model, set, model.fingerprint, { task: 'extrapolation', samples: 4 })
  const drawn = set.series[3]!.id
  for (const [value, named] of [
    [evaluation(fitted), []],
    [compareEvaluations([fitted, other], [evaluation(fitted), evaluation(other)]), []],
    [fitted, []],
    [predict(engine, fitted, set, { points: 5 }), [drawn]],
  ] as const) {
    const { html, svg = '' } = (await render(value, { series: [drawn] }))!
    expect(leaks(unpacked(html + svg), named)).toEqual([])
  }
})
