import type { Series, SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { createLatentDynamics } from '../model/latentDynamics.js'
import { traceLatentOde } from '../model/traceLatentOde.js'
import { random } from '../random.js'
import { firstMember } from '../train/firstMember.js'
import { forecast } from '../train/forecast.js'
import { latentOdeOf, type FittedModel } from '../train/modelFile.js'
import { allRows, modelTimes, select } from '../train/selection.js'
import type { SeriesLabels } from '../data/labels.js'
import { latentExtent } from './latentExtent.js'
import type { Arrow, Attribute, LatentContents, LatentPoint } from './latentContents.js'
import { principalComponents, project, projectDirection, unproject, type PrincipalComponents } from './principalComponents.js'

export interface CollectLatentOptions {
  /** Ids that must be among the points. */
  readonly drawn: readonly string[]
  /** Part of the split that each series belongs to, where known. */
  readonly parts: ReadonlyMap<string, string>
  readonly labels: readonly SeriesLabels[]
  readonly horizon: number | undefined
  readonly seed: number
}

/** Series that are shown, and points of all paths together; of each path at least and at most. */
const MOST = 400
const POINTS = 12_000
const [FEWEST_STEPS, MOST_STEPS] = [25, 101]
/** Arrows along each side. */
const GRID = 13
/** With more channels the last values are left out, which keeps the page small. */
const FEW_CHANNELS = 12

/**
 * Places series in the latent space: their z0 and the way from there, and the field
 * where it is a plane; undefined for a model that has none.
 */
export function collectLatent(
  engine: Engine,
  fitted: FittedModel,
  set: SeriesSet,
  options: CollectLatentOptions,
): LatentContents | undefined {
  const { seed, horizon } = options
  const shown = sample(
    set.series.filter(({ times }) => times.length > 0),
    options.drawn,
    seed,
  )
  const config = latentOdeOf(fitted)
  if (shown.length === 0 || config === undefined) return undefined
  // Each training of several has a latent space of its own.
  const one = firstMember(fitted)
  const { scale, parameters } = one
  const z0 = [
    ...forecast(
      engine,
      one,
      shown.map((series) => ({ series, times: series.times.slice(0, 1) })),
      { samples: 1, seed },
    ),
  ].map(({ posterior }) => posterior.mean)
  const components = principalComponents(z0)
  const dynamics = createLatentDynamics(engine, config, traceLatentOde(config))
  const steps = Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, Math.floor(POINTS / shown.length)))
  const times = shown.map((series) => pathTimes(series, select(series, scale, allRows(series)).origin, horizon, steps))
  const paths = dynamics.paths(
    parameters,
    z0,
    times.map((asked) => modelTimes(scale, asked[0]!, asked)),
  )
  const points = shown.map(({ id }, i): LatentPoint => ({
    series: id,
    at: project(components, z0[i]!),
    path: pathOf(components, times[i]!, paths[i], config.latents),
  }))
  return {
    latents: config.latents,
    ...(fitted.ensemble && { trainings: fitted.ensemble.members.length }),
    shares: components.shares,
    total: set.series.length,
    points,
    attributes: attributesOf(set, shown, options),
    ...(config.latents === 2 && {
      field: arrowsOver(points, (places) =>
        dynamics
          .velocities(
            parameters,
            places.map((place) => unproject(components, place)),
            0,
          )
          .map((velocity) =>
            projectDirection(
              components,
              velocity.map((speed) => speed / scale.span),
            ),
          ),
      ),
      fieldChanges: config.timeDependent,
    }),
  }
}

/** All series; of many those that must be there and others at random. */
function sample(series: readonly Series[], drawn: readonly string[], seed: number): Series[] {
  if (series.length <= MOST) return [...series]
  const first = new Set(drawn)
  return [...series.filter(({ id }) => first.has(id)), ...random(seed, 'latent').shuffle(series.filter(({ id }) => !first.has(id)))].slice(
    0,
    MOST,
  )
}

/** From where z0 lives to the end of the series' forecast. */
function pathTimes({ times }: Series, origin: number, horizon: number | undefined, steps: number): Float64Array {
  const [start, last] = [times[0]!, times[times.length - 1]!]
  const end = last + (horizon ?? (last - start) / 4)
  if (end === origin) return Float64Array.of(origin)
  return Float64Array.from({ length: steps }, (_, i) => origin + ((end - origin) * i) / (steps - 1))
}

function pathOf(components: PrincipalComponents, times: Float64Array, z: Float64Array | undefined, latents: number): LatentPoint['path'] {
  if (z === undefined) return []
  return Array.from(times, (time, i) => ({ time, at: project(components, z.subarray(i * latents, (i + 1) * latents)) }))
}

/** Arrows on a grid over what is shown. */
function arrowsOver(
  points: readonly LatentPoint[],
  velocities: (places: readonly (readonly [number, number])[]) => readonly (readonly [number, number])[],
): Arrow[] {
  const [x, y] = latentExtent(points).map(([low, high]) =>
    Array.from({ length: GRID }, (_, i) => low + ((high - low) * i) / (GRID - 1)),
  ) as [number[], number[]]
  const places = y.flatMap((b) => x.map((a) => [a, b] as const))
  return velocities(places).map((velocity, i) => ({ at: places[i]!, velocity }))
}

/** What the points may be coloured by: what is known of every series, what its channels are like, and the labels given. */
function attributesOf(set: SeriesSet, shown: readonly Series[], { parts, labels }: CollectLatentOptions): Attribute[] {
  const first = shown.map(({ times }) => times[0]!)
  const width = set.channels.length
  const channel = (group: string, of: (values: readonly number[]) => number): Attribute[] =>
    set.channels.map((name, c) => ({
      name,
      group,
      values: shown.map(({ times, values, mask }) => {
        const observed = Array.from(times.keys()).flatMap((row) => (mask[row * width + c] === 1 ? [values[row * width + c]!] : []))
        return observed.length === 0 ? null : of(observed)
      }),
    }))
  return [
    { name: 'rows', told: true, values: shown.map(({ times }) => times.length) },
    { name: 'length', told: true, unit: 'duration', values: shown.map(({ times }) => times[times.length - 1]! - times[0]!) },
    ...(parts.size > 0 ? [{ name: 'part', told: true, values: shown.map(({ id }) => parts.get(id) ?? null) }] : []),
    ...(new Set(first).size > 1 ? [{ name: 'first time', unit: 'time' as const, values: first }] : []),
    ...labels.map(({ name, values }): Attribute => ({ name, group: 'Label', values: shown.map(({ id }) => values.get(id) ?? null) })),
    ...channel('Mean of', (observed) => observed.reduce((sum, value) => sum + value, 0) / observed.length),
    ...(width <= FEW_CHANNELS ? channel('Last', (observed) => observed[observed.length - 1]!) : []),
  ]
}
