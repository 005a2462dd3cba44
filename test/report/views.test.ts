import { beforeAll, describe, expect, it } from 'vitest'
import { errorsView } from '../../src/report/figures/errors.js'
import { reportFigures } from '../../src/report/figures/index.js'
import { gapsView } from '../../src/report/figures/observedHowMuch.js'
import { lossView } from '../../src/report/figures/training.js'
import { plotsOf, type Plot } from '../../src/report/sections/plots.js'
import type { Row, Specification } from '../../src/report/specification.js'
import { configuration, light, variables } from '../../src/report/theme.js'
import { robustDomain } from '../../src/report/views/epochs.js'
import { seriesPanel } from '../../src/report/views/series.js'
import { gapsBetween } from '../../src/report/gaps.js'
import { sampleContents, sampleEvaluation } from './sample.js'

interface Drawn {
  readonly svg: string
  readonly said: readonly string[]
}

/** Compiles and draws without a browser; everything that Vega and Vega-Lite complain of comes back. */
async function draw(spec: Specification): Promise<Drawn> {
  const vega = await import('vega')
  const vegaLite = await import('vega-lite')
  const { expressionInterpreter } = await import('vega-interpreter')
  const said: string[] = []
  const note = (...words: readonly unknown[]): unknown => {
    said.push(words.map(String).join(' '))
    return logger
  }
  const logger: Record<'level' | 'error' | 'warn' | 'info' | 'debug', (...words: readonly unknown[]) => unknown> = {
    level: () => logger,
    error: note,
    warn: note,
    info: () => logger,
    debug: () => logger,
  }
  // Vega marks the rows that it is given, so it gets a copy.
  const whole = { ...structuredClone(spec), width: 320, config: configuration(light) } as unknown as Parameters<typeof vegaLite.compile>[0]
  const { spec: compiled } = vegaLite.compile(whole, { logger: logger as never })
  const view = new vega.View(vega.parse(compiled, undefined, { ast: true }), {
    renderer: 'none',
    expr: expressionInterpreter as never,
    logger: logger as never,
  })
  return { svg: await view.toSVG(), said }
}

const rowsOf = (spec: Specification, name: string): readonly Row[] => (spec.datasets as unknown as Record<string, readonly Row[]>)[name]!

const variants = {
  'numbers as times': sampleContents(),
  'dates, logarithmic axes': sampleContents({ dates: true, log: true }),
  'one channel': sampleContents({ channels: ['value'], series: 3 }),
  'one epoch, one series': { ...sampleContents({ channels: ['value'], series: 1, epochs: 1 }) },
}

describe.each(Object.entries(variants))('figures of a report with %s', (_, contents) => {
  let figures: readonly Plot[]
  beforeAll(() => {
    figures = reportFigures(contents, variables, 'page').flatMap(plotsOf)
  })

  it('compile without a warning and draw something, each with a description of its own', async () => {
    for (const { name, spec } of figures) {
      const { svg, said } = await draw(spec)
      expect(said, name).toEqual([])
      expect(svg, name).toMatch(/class="mark-(symbol|rect|line|area|rule)/)
      expect(svg, name).not.toMatch(/NaN|undefined/)
    }
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length)
    expect(figures.every(({ description }) => description.length > 30)).toBe(true)
  })
})

describe('seriesPanel', () => {
  const contents = sampleContents()
  const series = contents.series[0]!
  const spec = seriesPanel(series, series.channels[0]!, contents.time, light)

  it('splits the prediction where the model was last given something, without a hole', () => {
    const [given, ahead] = [rowsOf(spec, 'given'), rowsOf(spec, 'ahead')]
    expect(given.length + ahead.length).toBe(series.times.length + 1)
    expect(given.at(-1)).toEqual(ahead[0])
    expect(given.every((row) => (row.time as number) <= series.conditionedUntil)).toBe(true)
    expect(ahead.slice(1).every((row) => (row.time as number) > series.conditionedUntil)).toBe(true)
  })

  it('draws each observation once, by role', async () => {
    const { svg } = await draw(spec)
    const symbols = [...svg.matchAll(/<g class="mark-symbol[^>]*>(.*?)<\/g>/gs)].map(([, inner]) => inner!.match(/<path/g)?.length ?? 0)
    const count = (role: string): number => series.channels[0]!.observations.filter((o) => o.role === role).length
    expect(symbols).toEqual([count('conditioning'), count('heldout')])
  })

  it('tints the part past the training span, and only where there is one', () => {
    expect(rowsOf(spec, 'beyond')).toEqual([{ from: series.trainedUntil, to: series.times.at(-1) }])
    const within = { ...series, trainedUntil: series.times.at(-1)! }
    expect(rowsOf(seriesPanel(within, within.channels[0]!, contents.time, light), 'beyond')).toEqual([])
  })

  it('places dates in milliseconds of universal time', () => {
    const dated = sampleContents({ dates: true })
    const drawn = seriesPanel(dated.series[0]!, dated.series[0]!.channels[0]!, dated.time, light)
    // 15 January 1974 is day 1475 since 1970: four years of 365 days, one leap day, fourteen days.
    expect(rowsOf(drawn, 'given')[0]!.time).toBe(1475 * 86_400_000)
  })

  it('falls back to a linear axis where a value is not positive', () => {
    const view = series.channels[0]!
    const some = { ...view, scale: 'log' as const, observations: [...view.observations, { time: 1, value: 0, role: 'heldout' as const }] }
    expect(JSON.stringify(seriesPanel(series, some, contents.time, light))).not.toContain('"type":"log"')
    expect(JSON.stringify(seriesPanel(series, { ...view, scale: 'log' }, contents.time, light))).toContain('"type":"log"')
  })

  it('does not let a wide outer band flatten the rest', () => {
    const view = series.channels[0]!
    const wild = { ...view, prediction: { ...view.prediction, q95: view.prediction.q95.map((q, i) => (i === 100 ? 1e6 : q)) } }
    const high = (seriesPanel(series, wild, contents.time, light).params as readonly { name: string; value: number }[]).find(
      ({ name }) => name === 'high',
    )!.value
    expect(high).toBeLessThan(20)
    expect(high).toBeGreaterThan(Math.max(...view.observations.map((o) => o.value)))
  })
})

describe('errorsView', () => {
  it('holds the evaluation’s numbers', () => {
    const view = sampleEvaluation('interpolation', ['x', 'y'], 3, 1)
    const rows = rowsOf(errorsView(view, light), 'errors')
    const of = (channel: string, method: string): number =>
      rows.find((row) => String(row.channel).startsWith(channel) && row.method === method)!.mse as number
    expect(of('all channels', 'this model')).toBeCloseTo(view.scores.mse, 3)
    expect(of('y', 'linear interpolation')).toBeCloseTo(view.scores.channels.y!.baselines.linear!.mse, 3)
    expect(of('x', 'channel mean')).toBeCloseTo(view.scores.channels.x!.baselines.mean.mse, 3)
  })

  it('keeps the channels in their order below the total', async () => {
    const { svg } = await draw(errorsView(sampleEvaluation('interpolation', ['m', 'a', 'z'], 3, 1), light))
    const labels = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
      .map(([, text]) => text!.slice(0, 7))
      .filter((text) => ['m', 'a', 'z', 'all cha'].includes(text))
    expect(labels).toEqual(['all cha', 'm', 'a', 'z'])
  })

  it('keeps a channel named like the total apart from it', () => {
    const rows = rowsOf(errorsView(sampleEvaluation('interpolation', ['all channels', 'b'], 3, 1), light), 'errors')
    expect(new Set(rows.map((row) => row.channel)).size).toBe(3)
  })
})

describe('lossView', () => {
  it('marks the kept epoch at its validation loss, and has no validation line without validation series', () => {
    const { history } = sampleContents().training!
    const kept = rowsOf(lossView({ history, keptEpoch: 40 }, light, 200), 'kept')
    expect(kept[0]).toMatchObject({ epoch: 40, label: 'kept: epoch 40' })
    expect(kept[0]!.loss).toBeCloseTo(history[39]!.validLoss, 2)
    const without = history.map((record) => ({ ...record, validLoss: NaN }))
    expect(rowsOf(lossView({ history: without }, light, 200), 'losses').every((row) => row.part === 'training')).toBe(true)
  })

  it('lets the loss of an untrained model run off the top', () => {
    const [low, high] = robustDomain([5000, 800, ...Array.from({ length: 98 }, (_, i) => 2 - i / 98)])
    expect(high).toBeLessThan(10)
    expect(low).toBeLessThan(1.01)
  })
})

describe('gapsView', () => {
  it('counts every gap once', () => {
    const gaps = gapsBetween([{ times: [0, 1, 3, 4] }, { times: [7] }, { times: [0, 5] }])
    const rows = rowsOf(gapsView(gaps, { kind: 'number' }, 'day', light)!, 'gaps')
    expect(rows.reduce((sum, row) => sum + (row.count as number), 0)).toBe(4)
    expect(gapsView(gapsBetween([{ times: [7] }]), { kind: 'number' }, 'day', light)).toBeUndefined()
  })
})
