import { writeFileSync } from 'node:fs'
import type { Engine } from '../src/engine/engine.js'
import { selectEngine } from '../src/engine/select.js'
import { createLatentOde } from '../src/model/latentOde.js'
import { latentOdeParameters, type LatentOdeConfig } from '../src/model/latentOdeConfig.js'
import type { Observations } from '../src/model/observations.js'
import type { LossOptions } from '../src/model/sequenceModel.js'
import { initialise } from '../src/nn/parameters.js'
import { random } from '../src/random.js'
import { localTask } from './contest.js'
import { machine, measurePeaks } from './machine.js'
import { median } from './measure.js'
import { columns, duration } from './table.js'

/** What a training step's cost is made to depend on. */
export interface Case {
  readonly rows: number
  /** Observations that the encoder reads, per series. */
  readonly observations: number
  /** Times at which the decoder is read, per series. */
  readonly outputs: number
  /** Hidden units of the dynamics. */
  readonly units: number
  /** Different times in the batch, of those that the encoder reads. */
  readonly distinct: number
}

const [channels, samples, fieldLayers, latents, encoderUnits] = [4, 3, 2, 10, 40]
const middle: Case = { rows: 50, observations: 20, outputs: 20, units: 100, distinct: 1000 }

export interface Axis {
  readonly name: keyof Case
  readonly title: string
  /** What the cost should grow with: this power of the size. */
  readonly power: number
  readonly cases: readonly Case[]
}

const axis = (name: keyof Case, title: string, power: number, sizes: readonly number[]): Axis => ({
  name,
  title,
  power,
  cases: sizes.map((size) => ({ ...middle, [name]: size, ...(name === 'distinct' ? {} : { distinct: Infinity }) })),
})

export const axes: readonly Axis[] = [
  axis('rows', 'series in the batch', 1, [25, 50, 100, 200, 400]),
  axis('observations', 'observations of a series', 1, [20, 40, 80, 160, 320]),
  axis('outputs', 'output times of a series', 1, [20, 80, 320, 1280]),
  axis('units', 'hidden units of the dynamics', 2, [32, 64, 128, 256, 512, 1024]),
  axis('distinct', 'different times in the batch', 0, [20, 100, 500, 1000]),
]

export interface ScalingPoint {
  readonly axis: keyof Case
  readonly size: number
  /** Seconds of a gradient. */
  readonly seconds: number
  readonly quartiles: readonly [number, number]
  /** Evaluations of the dynamics by one row. */
  readonly evaluations: number
  /** GFLOP/s of the matrix products. */
  readonly rate: number
}

/** Measures gradients of the model along an axis, all sizes in turns. */
export function measureAxis(
  engine: Engine,
  { name, cases }: Axis,
  { seconds, rounds }: { seconds: number; rounds: number },
): ScalingPoint[] {
  const runs = cases.map((each) => ({ each, task: gradientTask(engine, each), times: [] as number[] }))
  const slice = (1000 * seconds) / rounds / runs.length
  for (const { task } of runs) void task.task.slice(slice)
  for (let round = 0; round < rounds; round++) for (const { task, times } of runs) times.push(...(task.task.slice(slice) as number[]))
  return runs.map(({ each, task, times }) => {
    const sorted = Float64Array.from(times).sort()
    const at = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]! / 1e6
    const seconds = median(sorted) / 1e6
    return {
      axis: name,
      size: each[name],
      seconds,
      quartiles: [at(0.25), at(0.75)],
      evaluations: task.evaluations(),
      rate: task.operations() / seconds / 1e9,
    }
  })
}

function gradientTask(engine: Engine, each: Case) {
  // Gaps of any length are walked in one step: otherwise few observations cost as much as many.
  const config: LatentOdeConfig = {
    encoder: 'ode-rnn',
    posterior: 'gaussian',
    dynamics: 'mlp',
    likelihood: new Array<'gaussian'>(channels).fill('gaussian'),
    channels,
    latents,
    encoderUnits,
    encoderFieldUnits: 100,
    encoderStep: 1,
    fieldUnits: each.units,
    fieldLayers,
    rate: 1,
    timeDependent: false,
    decoderUnits: 0,
    noise: 0.1,
    residual: 'none',
    method: 'dopri5',
    stepSize: 0.02,
    rtol: 1e-3,
    atol: 1e-4,
    adjoint: 'discrete',
    maxSteps: 1000,
  }
  const model = createLatentOde(engine, config)
  const parameters = Object.fromEntries(
    Object.entries(initialise(latentOdeParameters(config), 1)).map(([name, values]) => [name, Float32Array.from(values)]),
  )
  const conditioning = observations(each.rows, each.observations, each.distinct, 'seen')
  const targets = observations(each.rows, each.outputs, Infinity, 'asked')
  const options: LossOptions = { objective: 'elbo', beta: 1, samples, noise: (row) => random(1, 'scaling noise', row) }
  let evaluations = 0
  const call = (): void => {
    evaluations = model.gradient(parameters, conditioning, targets, options).solver.evaluations
  }
  return {
    task: localTask(call, () => ({})),
    evaluations: () => evaluations,
    operations(): number {
      const field = 2 * (latents * each.units + (fieldLayers - 1) * each.units ** 2 + each.units * latents)
      const encoder = 2 * (2 * encoderUnits * 100 + 3 * (2 * channels + encoderUnits) * encoderUnits)
      return 3 * each.rows * (samples * evaluations * field + each.observations * encoder)
    },
  }
}

/** Series with all channels observed at times on [0, 1), the first at 0: each its own, or `distinct` in the batch. */
function observations(rows: number, length: number, distinct: number, purpose: string): Observations {
  const pool = Number.isFinite(distinct) ? Float64Array.from({ length: distinct }, (_, i) => i / distinct) : undefined
  const times = new Float64Array(rows * length)
  for (let row = 0; row < rows; row++) {
    const stream = random(1, `scaling times ${purpose}`, row)
    const chosen = pool
      ? stream
          .shuffle(Array.from(pool.keys()).slice(1))
          .slice(0, length - 1)
          .map((i) => pool[i]!)
      : Array.from({ length: length - 1 }, () => stream.uniform())
    times.set(Float64Array.of(0, ...chosen).sort(), row * length)
  }
  const stream = random(1, `scaling values ${purpose}`)
  return {
    rows,
    length,
    channels,
    lengths: new Int32Array(rows).fill(length),
    times,
    values: Float64Array.from({ length: rows * length * channels }, () => stream.normal()),
    mask: new Uint8Array(rows * length * channels).fill(1),
  }
}

/**
 * How steeply the cost rises between the two largest sizes, as a power of the size:
 * overheads that are the same for all sizes no longer hide it.
 */
export function lastPower(points: readonly { readonly size: number; readonly seconds: number }[]): number {
  const [a, b] = points.slice(-2) as [ScalingPoint, ScalingPoint]
  return Math.log(b.seconds / a.seconds) / Math.log(b.size / a.size)
}

export interface ScalingOptions {
  readonly engines: readonly string[]
  readonly seconds: number
  readonly rounds: number
  readonly json: boolean
  readonly plot: string | undefined
}

/** Prints how the cost of a training step grows on the first of the engines that is there, and draws it if asked to. */
export async function measureScaling({ engines, seconds, rounds, json, plot }: ScalingOptions): Promise<void> {
  const say = json ? console.error : console.log
  const engine = await selectEngine(engines[0] === 'js' ? 'auto' : engines[0])
  const peaks = measurePeaks()
  const peak = 'reason' in peaks ? undefined : Math.max(...Object.values(peaks))
  say(
    `${machine()}; engine ` +
      `${engine.name}${'detail' in engine ? `, ${String(engine.detail)}` : ''}${peak === undefined ? '; peak not measured' : `; peak ${peak.toFixed(0)} GFLOP/s`}`,
  )
  const all: ScalingPoint[] = []
  for (const each of axes) {
    const points = measureAxis(engine, each, { seconds, rounds })
    all.push(...points)
    const rows = points.map(({ size, seconds: time, quartiles: [low, high], evaluations, rate }, i) => [
      String(size),
      duration(1e6 * time),
      `±${((50 * (high - low)) / time).toFixed(0)}%`,
      i === 0 ? '' : `${(time / points[i - 1]!.seconds).toFixed(2)}x`,
      evaluations.toFixed(1),
      rate.toFixed(1),
      peak === undefined ? '' : `${((100 * rate) / peak).toFixed(0)}%`,
    ])
    for (const line of [
      '',
      `${each.title}: the last step up is as size^${lastPower(points).toFixed(2)} (expected: ^${each.power})`,
      ...columns([['', 'gradient', '', 'step up', 'evaluations', 'GFLOP/s', 'peak'], ...rows]).map((text) => `  ${text}`),
    ])
      say(line)
  }
  engine.dispose()
  if (plot !== undefined) {
    writeFileSync(plot, await drawScaling(all))
    say(`\n${plot}`)
  }
  if (json) console.log(JSON.stringify({ engine: engine.name, peak_gflops: peak ?? null, scaling: all }, undefined, 1))
}

/** A picture of all axes, both scales logarithmic, with a line of the expected slope through the last point. */
export async function drawScaling(points: readonly ScalingPoint[]): Promise<string> {
  const [vega, { compile }] = [await import('vega'), await import('vega-lite')]
  const panels = axes.map(({ name, title, power }) => {
    const values = points
      .filter((point) => point.axis === name)
      .map(({ size, seconds, quartiles: [low, high] }) => ({ size, milliseconds: 1e3 * seconds, low: 1e3 * low, high: 1e3 * high }))
    const last = values.at(-1)!
    const expected = values.map(({ size }) => ({ size, milliseconds: last.milliseconds * (size / last.size) ** power }))
    const x = {
      field: 'size',
      type: 'quantitative',
      scale: { type: 'log', nice: false },
      title,
      axis: { values: values.map(({ size }) => size), format: 'd' },
    } as const
    const y = { field: 'milliseconds', type: 'quantitative', scale: { type: 'log' }, title: 'milliseconds' } as const
    return {
      width: 240,
      height: 180,
      layer: [
        { data: { values: expected }, mark: { type: 'line', strokeDash: [4, 4], color: '#999' }, encoding: { x, y } },
        { data: { values }, mark: { type: 'rule', color: '#2a6f97' }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } } },
        { data: { values }, mark: { type: 'line', point: true, color: '#2a6f97' }, encoding: { x, y } },
      ],
    }
  })
  const { spec } = compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    columns: 3,
    concat: panels,
  } as Parameters<typeof compile>[0])
  return new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG()
}
