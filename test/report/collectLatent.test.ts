import { describe, expect, it } from 'vitest'
import { collectLatent } from '../../src/report/collectLatent.js'
import { latentExtent } from '../../src/report/latentExtent.js'
import { latentOdeParameters } from '../../src/model/latentOdeConfig.js'
import { initialise } from '../../src/nn/parameters.js'
import { random } from '../../src/random.js'
import type { SeriesSet } from '../../src/data/series.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { latentOdeConfig, latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import { trainingOptions } from '../../src/train/options.js'
import { referenceEngine } from '../reference/engine.js'

const count = 9
const set: SeriesSet = {
  channels: ['x'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: Array.from({ length: count }, (_, i) => {
    const draw = random(4, 'series', i)
    return {
      id: String(i),
      times: Float64Array.of(2, 5, 6 + i),
      values: Float64Array.from([0, 1, 2], () => draw.normal()),
      mask: Uint8Array.of(1, i === 0 ? 0 : 1, 1),
    }
  }),
}

/** A model whose field turns z about the origin at `rate` radians per unit of the model's time, which is `span` units of the data's. */
function turningModel(latents: number): FittedModel {
  const model = {
    ...latentOdeOptions.parse({ noise: 0.5, latents, encoderUnits: 4, encoderFieldUnits: 3, decoderUnits: 0, rtol: 1e-9, atol: 1e-11 }),
    fieldLayers: 0,
  }
  const scale = { origin: 'first', earliest: 0, span: 10, rate: 2 } as const
  const parameters = { ...initialise(latentOdeParameters(latentOdeConfig(model, { channels: 1, rate: scale.rate })), 3) } as Record<
    string,
    Float64Array
  >
  parameters['field.w0'] = new Float64Array(latents * latents)
  parameters['field.w0'][1] = 1
  parameters['field.w0'][latents] = -1
  parameters['field.b0'] = new Float64Array(latents)
  return {
    kind: 'latent-ode',
    model,
    training: trainingOptions.parse({}),
    channels: ['x'],
    time: set.time,
    idColumn: 'id',
    timeColumn: 'time',
    scale,
    normalisation: { channels: [{ channel: 'x', transform: { kind: 'none' }, mean: 0, sd: 1, rawMean: 0 }], timeScale: 10 },
    split: { train: [], valid: [], test: [] },
    fingerprint: '',
    history: [],
    keptEpoch: 0,
    version: '0',
    engine: 'reference',
    parameters,
  }
}

const options = {
  drawn: [],
  parts: new Map([['1', 'test']]),
  labels: [{ name: 'sex', values: new Map([['2', 'f']]) }],
  horizon: undefined,
  seed: 1,
}

describe('collectLatent', () => {
  it('turns the paths and the arrows of a turning field about the same centre, at the field’s speed', () => {
    const latent = collectLatent(referenceEngine(), turningModel(2), set, options)!
    expect(latent.shares[0] + latent.shares[1]).toBeCloseTo(1, 10)
    // A turn of ω: (u, v) = ω (−(y − b), x − a) or its mirror image, whose sign the components leave open. ω = 2 / 10.
    const [first] = latent.field!
    const across = latent.field!.find(({ at }) => at[0] !== first!.at[0] && at[1] === first!.at[1])!
    const omega = (across.velocity[1] - first!.velocity[1]) / (across.at[0] - first!.at[0])
    expect(Math.abs(omega)).toBeCloseTo(0.2, 6)
    const centre = [first!.at[0] - first!.velocity[1] / omega, first!.at[1] + first!.velocity[0] / omega] as const
    for (const {
      at: [x, y],
      velocity: [u, v],
    } of latent.field!) {
      expect(u).toBeCloseTo(-omega * (y - centre[1]), 6)
      expect(v).toBeCloseTo(omega * (x - centre[0]), 6)
    }
    for (const [i, { at, path }] of latent.points.entries()) {
      expect(path[0]!.at[0]).toBeCloseTo(at[0], 6)
      expect(path[0]!.time).toBe(2)
      // To a quarter of the span past the last row.
      expect(path.at(-1)!.time).toBeCloseTo(6 + i + (4 + i) / 4, 9)
      const radius = Math.hypot(at[0] - centre[0], at[1] - centre[1])
      const angle = omega * (path.at(-1)!.time - 2)
      expect(path.at(-1)!.at[0]).toBeCloseTo(centre[0] + Math.cos(angle) * (at[0] - centre[0]) - Math.sin(angle) * (at[1] - centre[1]), 5)
      for (const point of path) expect(Math.hypot(point.at[0] - centre[0], point.at[1] - centre[1])).toBeCloseTo(radius, 5)
    }
  })

  it('tells of each series what colours may stand for', () => {
    const { attributes } = collectLatent(referenceEngine(), turningModel(3), set, options)!
    const of = (name: string, group?: string) =>
      attributes.find((attribute) => attribute.name === name && attribute.group === group)!.values
    expect(of('rows')).toEqual(Array(count).fill(3))
    expect(of('length')).toEqual(Array.from({ length: count }, (_, i) => 4 + i))
    expect(of('part').slice(0, 3)).toEqual([null, 'test', null])
    expect(of('sex', 'Label').slice(1, 4)).toEqual([null, 'f', null])
    const { values } = set.series[0]!
    expect(of('x', 'Mean of')[0]).toBeCloseTo((values[0]! + values[2]!) / 2, 12)
    expect(of('x', 'Last')[3]).toBe(set.series[3]!.values[2])
  })

  it('has a field in a plane only, and shows a stated sample of many series, those drawn among them', () => {
    expect(collectLatent(referenceEngine(), turningModel(3), set, options)!.field).toBeUndefined()
    const many = { ...set, series: Array.from({ length: 450 }, (_, i) => ({ ...set.series[i % count]!, id: `s${i}` })) }
    const latent = collectLatent(referenceEngine(), turningModel(2), many, { ...options, drawn: ['s449', 's3'] })!
    expect(latent.points).toHaveLength(400)
    expect(latent.total).toBe(450)
    expect(latent.points.map(({ series }) => series)).toEqual(expect.arrayContaining(['s449', 's3']))
  })
})

describe('latentExtent', () => {
  it('holds every point and what of the paths is near', () => {
    const path = (...at: (readonly [number, number])[]) => at.map((place, time) => ({ time, at: place }))
    expect(
      latentExtent([
        { at: [0, 0], path: path([0, 0], [1e9, 3]) },
        { at: [4, 2], path: path([4, 2], [-1, 0]) },
      ]),
    ).toEqual([
      [-1, 7],
      [0, 3],
    ])
  })

  it('has room where there is a single point', () => {
    expect(latentExtent([{ at: [5, 5], path: [] }])).toEqual([
      [4, 6],
      [4, 6],
    ])
  })
})
