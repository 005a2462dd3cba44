import { UserError } from '../../errors.js'
import { random, type RandomStream } from '../../random.js'
import type { Series, SeriesSet } from '../series.js'

/** What all simulators take. Each has defaults of its own. */
export interface SimulationOptions {
  /** Number of series. */
  readonly count?: number
  /** Rows per series. */
  readonly points?: number
  /** Times lie in [0, span]. */
  readonly span?: number
  /** Standard deviation of the noise added to each value, in the units of the values. */
  readonly noise?: number
  /** The chance that a row is kept, and that a cell of a kept row is observed. Default 1: everything. */
  readonly rowsObserved?: number
  readonly cellsObserved?: number
  /** Every row of every series at the same, evenly spaced times. Default false: each series has random times of its own. */
  readonly regular?: boolean
  /** The same seed gives the same data, to the bit. Default 0. */
  readonly seed?: number
}

export type Simulation = Required<SimulationOptions>

/** Options with defaults filled in, checked. @throws UserError `BadSimulation` naming the option */
export function completeOptions(
  options: SimulationOptions,
  defaults: { count: number; points: number; span: number; noise: number },
): Simulation {
  const all = { rowsObserved: 1, cellsObserved: 1, regular: false, seed: 0, ...defaults, ...options }
  const require = (good: boolean, name: string, wanted: string): void => {
    if (!good)
      throw new UserError(
        'BadSimulation',
        `The option ${name} is ${String(all[name as keyof Simulation])}, which is not ${wanted}. Correct it.`,
      )
  }
  require(Number.isInteger(all.count) && all.count > 0, 'count', 'a positive whole number')
  require(Number.isInteger(all.points) && all.points > 0, 'points', 'a positive whole number')
  require(Number.isFinite(all.span) && all.span > 0, 'span', 'a positive number')
  require(Number.isFinite(all.noise) && all.noise >= 0, 'noise', 'a number that is zero or more')
  require(all.rowsObserved > 0 && all.rowsObserved <= 1, 'rowsObserved', 'a fraction above 0 and at most 1')
  require(all.cellsObserved > 0 && all.cellsObserved <= 1, 'cellsObserved', 'a fraction above 0 and at most 1')
  require(Number.isInteger(all.seed) && all.seed >= 0 && all.seed < 2 ** 32, 'seed', 'a whole number from 0 to 2^32 − 1')
  return all
}

/** Ascending times in [0, span]: evenly spaced with both ends, or uniform at random. Strictly increasing. */
function drawTimes(points: number, span: number, stream: RandomStream | undefined): Float64Array {
  if (stream === undefined) return Float64Array.from({ length: points }, (_, i) => (points === 1 ? 0 : (span * i) / (points - 1)))
  const chosen = new Set<number>()
  while (chosen.size < points) chosen.add(stream.uniform() * span)
  return Float64Array.from(chosen).sort()
}

/** One series' noise-free values at its times, `[length, channels]`. `parameters` draws whatever differs between series. */
export type Trajectory = (times: Float64Array, parameters: RandomStream, index: number) => Float64Array

/** Draws times, runs the trajectory, adds normal noise and takes out what is not observed. */
export function simulate(name: string, channels: readonly string[], options: Simulation, trajectory: Trajectory): SeriesSet {
  const width = channels.length
  const series = Array.from({ length: options.count }, (_, index): Series => {
    const draw = (purpose: string): RandomStream => random(options.seed, `${name} ${purpose}`, index)
    const all = drawTimes(options.points, options.span, options.regular ? undefined : draw('times'))
    const exact = trajectory(all, draw('parameters'), index)
    const noise = draw('noise')
    const noisy = exact.map((value) => value + options.noise * noise.normal())
    return thin(
      { id: String(index), times: all, values: noisy, mask: new Uint8Array(noisy.length).fill(1) },
      width,
      options,
      draw('observed'),
    )
  })
  return { channels, time: { kind: 'number' }, idColumn: 'id', timeColumn: 'time', series }
}

/** Takes out rows and cells at random. At least one row stays, and each row that stays keeps at least one cell. */
function thin(series: Series, width: number, { rowsObserved, cellsObserved }: Simulation, stream: RandomStream): Series {
  if (rowsObserved === 1 && cellsObserved === 1) return series
  const every = Array.from(series.times, (_, row) => row)
  const kept = every.filter(() => stream.uniform() < rowsObserved)
  const rows = kept.length > 0 ? kept : [stream.integer(every.length)]
  const values = new Float64Array(rows.length * width)
  const mask = new Uint8Array(rows.length * width)
  rows.forEach((row, at) => {
    const always = stream.integer(width)
    for (let c = 0; c < width; c++) {
      const seen = stream.uniform() < cellsObserved || c === always
      mask[at * width + c] = seen ? 1 : 0
      if (seen) values[at * width + c] = series.values[row * width + c]!
    }
  })
  return { id: series.id, times: Float64Array.from(rows, (row) => series.times[row]!), values, mask }
}
