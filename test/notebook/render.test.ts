import { table } from 'arquero'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fit as fitModel } from '../../src/api/fit.js'
import { Model } from '../../src/api/model.js'
import { read } from '../../src/api/read.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { selectEngine } from '../../src/engine/select.js'
import { display } from '../../src/notebook/display.js'
import { fitProgress } from '../../src/notebook/progress.js'
import { render, type Rendering } from '../../src/notebook/render.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { compareEvaluations } from '../../src/report/comparison/evaluations.js'
import { evaluate } from '../../src/train/evaluate.js'
import { fit } from '../../src/train/fit.js'
import { predict } from '../../src/train/predict.js'
import type { EpochRecord } from '../../src/train/records.js'
import type { TrainingState } from '../../src/train/state.js'
import { Readable } from 'node:stream'
import * as tf from '@tensorflow/tfjs-core'

const tiny = {
  epochs: 3,
  minSteps: 1,
  samples: 1,
  validationSamples: 1,
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 4,
}
const set = simulateOscillators({ count: 12, points: 8, seed: 1 })
const engine = await selectEngine()
const { fitted } = await fit(engine, set, tiny)
const other = (await fit(engine, set, { ...tiny, latents: 3 })).fitted

/** What was rendered: no scripts, styles or handlers, a drawing that is whole and needs nothing from elsewhere. */
async function shown(value: unknown, options = {}): Promise<Required<Rendering>> {
  const { html, svg = '' } = (await render(value, options))!
  expect(html).not.toMatch(/<script|<style|\son\w+=|style=/)
  expect(html).not.toMatch(/NaN|undefined|\[object/)
  if (svg !== '') {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\s*$/)
    expect(svg).not.toMatch(/NaN|undefined|<script|<image|href="http/)
    const ids = [...svg.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  }
  return { html, svg }
}

describe('what is shown', () => {
  test('of a data set', async () => {
    const { html, svg } = await shown(set)
    expect(html).toContain('<strong>12 series</strong> with 96 rows and 192 observed values')
    expect(html).toContain('<th>position</th><td>96</td>')
    for (const title of ['When series were observed', 'What was observed']) expect(svg).toContain(`<title>${title}</title>`)
  })
  test('of what was read: the notices too', async () => {
    const data = await read(Readable.from([Buffer.from('id,time,x,sex\np,0,1,f\np,1,2,f\n')]))
    expect((await shown(data)).html).toContain('<li>Left out the column &#34;sex&#34;')
  })
  test('of a model, and of what a model file holds', async () => {
    const { html, svg } = await shown(fitted)
    expect(html).toContain('<strong>A latent ODE</strong> of position, velocity')
    expect(svg).toContain('Loss')
    expect((await shown(new Model(fitted))).html).toBe(html)
  })
  test('of predictions: so many series, or those that are named', async () => {
    const predictions = predict(engine, fitted, set, { points: 10, samples: 5, shown: 0.5 })
    const { html, svg } = await shown(predictions)
    expect(html).toContain('<strong>Predictions of 12 series</strong> (4 drawn)')
    expect(svg).toContain('id 0 · position')
    const named = (await shown(predictions, { series: ['7'] })).svg
    expect([named.includes('id 7 · velocity'), named.includes('id 0 ·')]).toEqual([true, false])
  })
  test('of an evaluation and of a comparison', async () => {
    const score = (model: typeof fitted) => evaluate(engine, model, set, 'other', { task: 'interpolation', samples: 5 })
    const scored = await shown(score(fitted))
    expect(scored.html).toMatch(/<strong>Filling gaps<\/strong> in 12 series/)
    expect(scored.html).toContain('<th>all channels</th>')
    for (const title of ['Errors against plain baselines', 'Is the stated uncertainty right?'])
      expect(scored.svg).toContain(`<title>${title}</title>`)
    const compared = await shown(compareEvaluations([fitted, other], [score(fitted), score(other)], ['two', 'three']))
    expect(compared.html).toContain('<strong>two and three</strong> at filling gaps')
    expect(compared.svg).toContain('three is better')
  })
  test('of a solution: every row with its status, also one that failed', async () => {
    const times = [0, 0.5, 1]
    const good = await shown(await odeSolve((t, x) => tf.mul(tf.mul(2, t), x), [[3], [1]], times), { times, names: ['x'] })
    expect(good.html).toContain('<strong>Solution of an ODE</strong>: 2 rows of 1 component')
    // x' = x², x(0) = 1 has no value at t = 1.
    const failed = await shown(await odeSolve((_, x) => tf.square(x), [[1], [0.1]], [0, 2], {}, { throw: false }), { times: [0, 2] })
    expect(failed.html).toContain('<strong>1 row failed</strong>')
    expect(failed.html).toMatch(/<td>(StepTooSmall|MaxSteps|NonFinite): /)
  })
  test('of tables and DataFrames: the first rows, dates as dates, nothing where nothing is', async () => {
    const { html } = await shown(
      table({ id: ['<b>', 'q'], when: [new Date('2024-03-01Z'), new Date('2024-03-01T06:30Z')], x: [1.23456789, null] }),
    )
    expect(html).toContain(
      '<tr><th>1</th><td>&#60;b&#62;</td><td>2024-03-01</td><td>1.2346</td></tr><tr><th>2</th><td>q</td><td>2024-03-01T06:30:00Z</td><td></td></tr>',
    )
    const frame = { columns: ['a'], values: [[1], [2], [3]], dtypes: ['int32'], index: [0, 1, 2] }
    expect((await shown(frame, { rows: 2 })).html).toContain('The first 2 of 3 rows.')
  })
  test('of a Vega-Lite view', async () => {
    const { svg } = await shown({
      title: 'My <figure>',
      data: { values: [{ a: 1, b: 2 }] },
      mark: 'point',
      encoding: { x: { field: 'a', type: 'quantitative' }, y: { field: 'b', type: 'quantitative' } },
    })
    expect(svg).toContain('My &#60;figure&#62;')
  })
  test('of anything else: nothing', async () => {
    for (const value of [undefined, null, 1, 'text', {}, [], new Map()]) expect(await render(value)).toBeUndefined()
  })
})

describe('in a notebook', () => {
  afterEach(() => vi.unstubAllGlobals())
  /** A kernel that notes what is shown, and where. */
  const fakeKernel = (): { outputs: { place: number; kind: string; content: unknown }[] } => {
    const outputs: { place: number; kind: string; content: unknown }[] = []
    let places = 0
    const newDisplay = (place = ++places) =>
      Object.fromEntries(
        ['html', 'svg', 'png', 'text'].map((kind) => [kind, (content: unknown) => void outputs.push({ place, kind, content })]),
      )
    vi.stubGlobal('__tslab__', { require: (name: string) => (name === 'tslab' ? { display: newDisplay(0), newDisplay } : undefined) })
    return { outputs }
  }

  test('outside of one, display says so', async () => {
    await expect(display(set)).rejects.toMatchObject({ code: 'NoNotebook' })
    expect(() => fitProgress()).toThrow('There is no notebook to show anything in')
  })
  test('display shows a table and an image; what it does not know as text', async () => {
    const { outputs } = fakeKernel()
    await display(set)
    await display(new Map([[1, 'a']]))
    expect(outputs.map(({ kind }) => kind)).toEqual(['html', 'png', 'text'])
    expect(
      Buffer.from(outputs[1]!.content as Uint8Array)
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    expect(outputs[2]!.content).toBe("Map(1) { 1 => 'a' }")
  })
  test('the progress of a fit stays in its place, and ends with what came out', async () => {
    const { outputs } = fakeKernel()
    const epochs: number[] = []
    const options = { ...tiny, engine, threads: 1, onEpoch: ({ epoch }: { epoch: number }) => void epochs.push(epoch) }
    const { fitted: result } = await fitModel(set, fitProgress(options))
    expect(epochs).toEqual([1, 2, 3])
    const lines = outputs.filter(({ kind }) => kind === 'html')
    expect(new Set(lines.map(({ place }) => place)).size).toBe(1)
    expect(lines[0]!.content).toBe('<p>Epoch 1 of 3.</p>')
    expect(lines.at(-1)!.content).toMatch(/^<p>3 epochs: loss [\d.−]+, validation [\d.−]+\.<\/p>/)
    const images = outputs.filter(({ kind }) => kind === 'png')
    expect(new Set(images.map(({ place }) => place)).size).toBe(1)
    expect(result.history).toHaveLength(3)
  })
  test('the progress of several trainings says which, and draws each anew; a warning is marked as one', async () => {
    const { outputs } = fakeKernel()
    const last = (): unknown => outputs.filter(({ kind }) => kind === 'html').at(-1)!.content
    const { onMember, onStep, onEpoch, onNotice } = fitProgress({ epochs: 3 })
    const steps = { batches: 2, loss: 1, evaluations: 8, timeLeft: Infinity }
    const ended = { epoch: 3, batch: 0, ending: 'epochs' } as TrainingState
    onMember!({ index: 0, count: 2 })
    await onEpoch!({ epoch: 3, trainLoss: 1, validLoss: 2 } as EpochRecord, ended)
    expect(last()).toBe('<p>Training 1 of 2, 3 epochs: loss 1.000, validation 2.000.</p>')
    onMember!({ index: 1, count: 2 })
    vi.spyOn(performance, 'now').mockReturnValueOnce(1e9).mockReturnValueOnce(1e9)
    onStep!({ epoch: 0, batch: 1 } as TrainingState, steps)
    // Nothing is left of the losses of the first.
    expect(last()).toBe('<p>Training 2 of 2, epoch 1 of 3.</p>')
    onNotice!('Series are cut.', 'notice')
    onNotice!('A row failed.', 'warning')
    expect(last()).toBe('<p>Training 2 of 2, epoch 1 of 3.</p><ul><li>Series are cut.</li><li><b>Warning.</b> A row failed.</li></ul>')
  })
})
