import { sumPoints } from '../../src/train/channelSums.js'
import { againstBaselines } from '../../src/train/againstBaseline.js'
import type { PlainBaseline } from '../../src/train/baselines.js'
import { random } from '../../src/random.js'
import type { ChannelView, EvaluationView, RasterRow, ReportContents, SeriesView } from '../../src/report/contents.js'
import type { LatentContents } from '../../src/report/latentContents.js'
import type { EpochRecord, Scores, ScoredPoint } from '../../src/train/records.js'

/** What a sample report is like; all numbers in it are simulated. */
export interface SampleOptions {
  readonly series?: number
  readonly channels?: readonly string[]
  readonly seed?: number
  readonly grid?: number
  readonly epochs?: number
  readonly dates?: boolean
  /** Multiplies the model's errors; above about 1.4 the baselines win. */
  readonly error?: number
  readonly ids?: readonly string[]
  /** Dimension of z; 2 has a vector field. */
  readonly latents?: number
  /** Whether values are drawn on logarithmic axes. */
  readonly log?: boolean
}

const clinical = ['bili', 'chol', 'albumin', 'alk_phos', 'ast', 'platelet', 'protime']
const centres: Readonly<Record<string, number>> = {
  bili: 2.4,
  chol: 320,
  albumin: 3.3,
  alk_phos: 1200,
  ast: 105,
  platelet: 240,
  protime: 10.9,
}
const day = 365.25

/** Contents like those of a clinical data set: positive values over orders of magnitude, visits about once a year. */
export function sampleContents(options: SampleOptions = {}): ReportContents {
  const {
    series = 6,
    channels = clinical,
    seed = 1,
    grid = 121,
    epochs = 160,
    dates = false,
    error = 1,
    ids,
    log = false,
    latents = 10,
  } = options
  const views = Array.from({ length: series }, (_, i) =>
    sampleSeries(i, ids?.[i] ?? String(11 + 17 * i), channels, seed, grid, log ? 'log' : 'linear'),
  )
  const raster = sampleRaster(seed)
  return {
    title: 'Primary biliary cholangitis: laboratory values',
    generated: '2026-11-21T09:30:00Z',
    version: '0.1.0',
    files: { model: 'pbcseq.model.safetensors', data: 'pbcseq.csv' },
    time: dates ? { kind: 'date', unit: 'day', epoch: '1974-01-15T00:00:00Z', dateOnly: true } : { kind: 'number' },
    timeColumn: 'day',
    idColumn: 'patient',
    data: {
      series: 312,
      rows: 1945,
      values: 12_563,
      channels: channels.map((name, i) => {
        const missing = [0, 0.42, 0, 0.03, 0, 0.038, 0][i % 7]!
        const centre = centres[name] ?? 1
        return {
          name,
          observed: Math.round(1945 * (1 - missing)),
          missing,
          transform: 'log',
          lowerQuartile: centre / 3,
          median: centre,
          upperQuartile: centre * 4,
        }
      }),
      split: { train: 218, validation: 47, test: 47 },
      raster,
    },
    model: {
      label: 'A latent ODE',
      parameters: 48_213,
      settings: [
        { group: 'Latent ODE', label: 'latent dimension', value: '10' },
        { group: 'Latent ODE', label: 'dynamics', value: '2 hidden layers of 64, tanh' },
        { group: 'Latent ODE', label: 'noise', value: 'learned per channel' },
        { group: 'Latent ODE', label: 'time origin', value: 'first observation of each series' },
        { group: 'Encoder', label: 'ODE-RNN hidden size', value: '32' },
        { group: 'Encoder', label: 'GRU units', value: '50' },
        { group: 'Encoder', label: 'direction', value: 'backward in time' },
        { group: 'Training', label: 'optimiser', value: 'Adamax, learning rate 0.01, decay 0.999' },
        { group: 'Training', label: 'batch', value: '50 series' },
        { group: 'Training', label: 'objective', value: 'ELBO, 3 samples' },
        { group: 'Training', label: 'seed', value: '1' },
      ],
    },
    training: { history: sampleHistory(seed, epochs), keptEpoch: Math.round(epochs * 0.72) },
    series: views,
    evaluations: {
      interpolation: sampleEvaluation('interpolation', channels, seed, error),
      extrapolation: sampleEvaluation('extrapolation', channels, seed, error),
    },
    latent: sampleLatent(
      raster.map(({ series: id }) => id),
      views.map(({ id }) => id),
      seed,
      latents,
    ),
    solver: {
      scope: 'forecasts of the 47 test series',
      method: 'Dormand–Prince 5(4)',
      rtol: 1e-3,
      atol: 1e-4,
      solves: 470,
      evaluations: 33_482,
      accepted: 5_231,
      rejected: 318,
      smallestStep: 0.003_127,
      failed: 0,
    },
    nameAll: true,
    notices: [{ kind: 'notice', text: 'Errors are over the test series of the split that is stored in the model file.' }],
  }
}

function sampleSeries(
  position: number,
  id: string,
  channels: readonly string[],
  seed: number,
  grid: number,
  scale: 'linear' | 'log',
): SeriesView {
  const draw = random(seed, 'series', position)
  const visits = 7 + draw.integer(9)
  const times = [0, ...Array.from({ length: visits - 1 }, (_, i) => Math.round((i + 0.5 + 0.5 * draw.uniform()) * 0.85 * day))]
  const end = times[times.length - 1]!
  const until = end / 2
  const horizon = end * 1.15
  const at = Array.from({ length: grid }, (_, i) => (horizon * i) / (grid - 1))
  return {
    id,
    conditionedUntil: Math.max(...times.filter((time) => time <= until)),
    trainedUntil: position % 3 === 0 ? end * 1.02 : horizon,
    times: at,
    channels: channels.map((channel, c) => sampleChannel(channel, position, c, seed, times, until, at, scale)),
  }
}

function sampleChannel(
  channel: string,
  position: number,
  c: number,
  seed: number,
  times: readonly number[],
  until: number,
  at: readonly number[],
  scale: 'linear' | 'log',
): ChannelView {
  const draw = random(seed, 'channel', position, c)
  const level = Math.log(centres[channel] ?? 1) + 0.4 * draw.normal()
  const slope = 0.12 * draw.normal()
  const bend = 0.25 * draw.normal()
  const phase = 6 * draw.uniform()
  const truth = (time: number): number => level + (slope * time) / day + bend * Math.sin(time / day + phase)
  const spread = (time: number): number => 0.18 + 0.1 * Math.max(0, (time - until) / day) ** 0.7
  const quantile = (z: number): number[] => at.map((time) => Math.exp(0.85 * truth(time) + 0.15 * level + z * spread(time)))
  return {
    channel,
    scale,
    observations: times
      .filter(() => draw.uniform() > 0.12)
      .map((time) => ({
        time,
        value: Math.exp(truth(time) + 0.16 * draw.normal()),
        role: time <= until ? ('conditioning' as const) : ('heldout' as const),
      })),
    prediction: {
      mean: at.map((time) => Math.exp(0.85 * truth(time) + 0.15 * level + spread(time) ** 2 / 2)),
      q05: quantile(-1.645),
      q25: quantile(-0.674),
      q50: quantile(0),
      q75: quantile(0.674),
      q95: quantile(1.645),
    },
  }
}

function sampleRaster(seed: number): RasterRow[] {
  return Array.from({ length: 312 }, (_, i) => {
    const draw = random(seed, 'raster', i)
    const visits = 1 + draw.integer(14)
    const times = Array.from({ length: visits }, (_, k) => (k === 0 ? 0 : Math.round((k + 0.3 * draw.normal()) * 0.9 * day)))
    const split = draw.uniform()
    return {
      series: String(i + 1),
      times: times.sort((a, b) => a - b),
      split: split < 0.7 ? ('train' as const) : split < 0.85 ? ('validation' as const) : ('test' as const),
    }
  })
}

/** Points about the origin, and the field of a spiral in, whose solution the paths are. */
function sampleLatent(known: readonly string[], drawn: readonly string[], seed: number, latents: number): LatentContents {
  const draw = random(seed, 'latent')
  const series = [...new Set([...drawn, ...known])].slice(0, 200)
  const turn = ([x, y]: readonly [number, number], t: number): [number, number] => {
    const [c, s, shrink] = [Math.cos(t), Math.sin(t), Math.exp(-0.3 * t)]
    return [shrink * (c * x - s * y), shrink * (s * x + c * y)]
  }
  const points = series.map((id) => {
    const at: [number, number] = [1.6 * draw.normal(), 0.7 * draw.normal()]
    return { series: id, at, path: Array.from({ length: 24 }, (_, i) => ({ time: 150 * i, at: turn(at, i / 12) })) }
  })
  const counts = series.map(() => 1 + draw.integer(14))
  return {
    latents,
    shares: [0.61, 0.17],
    total: 312,
    points,
    attributes: [
      { name: 'rows', told: true, values: counts },
      { name: 'length', unit: 'duration', told: true, values: counts.map((count) => 330 * count) },
      { name: 'part', told: true, values: series.map((_, i) => ['train', 'train', 'validation', 'test'][i % 4]!) },
      { name: 'bili', group: 'Mean of', values: points.map(({ at }) => Math.exp(at[0])) },
      { name: 'sex', group: 'Label', values: points.map(({ at }) => (at[1] > 1.2 ? null : at[1] > 0 ? 'f' : 'm')) },
    ],
    ...(latents === 2 && {
      field: Array.from({ length: 121 }, (_, i) => {
        const [x, y] = [(i % 11) * 0.8 - 4, Math.floor(i / 11) * 0.4 - 2]
        return { at: [x, y] as const, velocity: [-0.3 * x - y, x - 0.3 * y] as const }
      }),
    }),
  }
}

function sampleHistory(seed: number, epochs: number): EpochRecord[] {
  const draw = random(seed, 'history')
  return Array.from({ length: epochs }, (_, i) => {
    const trainLoss = 0.62 + 1.7 * Math.exp(-i / 14) + 0.25 * Math.exp(-i / 60) + 0.012 * draw.normal() - 0.0004 * i
    const beta = Math.min(1, i / 40)
    return {
      epoch: i + 1,
      trainLoss,
      validLoss: 0.7 + 1.75 * Math.exp(-i / 14) + 0.2 * Math.exp(-i / 55) + 0.018 * draw.normal() + 0.0000045 * i * i,
      reconstruction: -trainLoss + 0.1 * beta,
      kl: 3 + 8 * (1 - Math.exp(-i / 25)) - 3 * beta + 0.1 * draw.normal(),
      beta,
      learningRate: 0.01 * 0.997 ** i,
      gradientNorm: 0.4 + 3 * Math.exp(-i / 10) + 0.06 * Math.abs(draw.normal()),
      evaluations: 60 + Math.round(20 * (1 - Math.exp(-i / 30)) + 2 * draw.normal()),
      seconds: 2.3 + 0.1 * draw.uniform(),
    }
  })
}

/** Simulated scores; totals and channels are computed from the simulated points, as an evaluation's are. */
export function sampleEvaluation(
  task: 'interpolation' | 'extrapolation',
  channels: readonly string[],
  seed: number,
  error: number,
): EvaluationView {
  const ahead = task === 'extrapolation'
  const draw = random(seed, task)
  const factors = { mean: ahead ? 1.25 : 1.3, locf: ahead ? 1.2 : 1.12, linear: ahead ? 1.19 : 1.13 }
  const points: ScoredPoint[] = channels.flatMap((channel, c) =>
    Array.from({ length: 110 + 6 * c }, (_, i) => {
      const gap = (ahead ? 0.2 + 6 * draw.uniform() : 0.3 + 1.2 * draw.uniform()) * day
      const sd = (0.48 + 0.05 * c) * (ahead ? 0.8 + 0.1 * Math.sqrt(gap / day) : 0.9)
      const z = error * 1.06 * draw.normal()
      const said = (factor: number): number => sd * (z + factor * 1.05 * draw.normal())
      const baselines = { mean: said(factors.mean), locf: said(factors.locf), linear: said(factors.linear) }
      return {
        series: String(i % 47),
        time: gap,
        channel,
        observed: 10 + 3 * sd * z,
        mean: 10,
        sd: 3 * sd,
        normalisedObserved: sd * z,
        normalisedMean: 0,
        logDensity: -0.5 * z * z - Math.log(sd) - 0.919,
        originalLogDensity: -0.5 * z * z - Math.log(sd) - 0.919,
        pit: normalCdf(z),
        gap,
        ahead: ahead ? gap : -gap,
        baselines,
        originalBaselines: { mean: 10 + 3 * baselines.mean, locf: 10 + 3 * baselines.locf, linear: 10 + 3 * baselines.linear },
      }
    }),
  )
  const scores = (some: readonly ScoredPoint[], own: boolean): Scores => {
    const average = (value: (point: ScoredPoint) => number): number => some.reduce((sum, point) => sum + value(point), 0) / some.length
    const base = (name: PlainBaseline) => ({
      mse: average((point) => (point.baselines[name] - point.normalisedObserved) ** 2),
    })
    return {
      points: some.length,
      mse: average((point) => (point.normalisedMean - point.normalisedObserved) ** 2),
      nll: -average((point) => point.logDensity),
      ...(own ? { mseOriginal: average((point) => (point.mean - point.observed) ** 2) } : {}),
      coverage: {
        '50': average((point) => Number(Math.abs(point.pit - 0.5) <= 0.25)),
        '90': average((point) => Number(Math.abs(point.pit - 0.5) <= 0.45)),
      },
      baselines: { mean: base('mean'), locf: base('locf'), ...(!ahead && { linear: base('linear') }) },
      against: againstBaselines(sumPoints(some, channels), channels.length, task).all,
    }
  }
  return {
    points,
    conditioning: ahead ? 'the first half of each series’ time span' : 'a random half of each series’ rows',
    scores: {
      ...scores(points, false),
      task,
      scoring: 'held-out',
      split: 'test',
      series: 47,
      trainedOn: 0,
      skipped: 2,
      channels: Object.fromEntries(
        channels.map((channel) => [
          channel,
          scores(
            points.filter((point) => point.channel === channel),
            true,
          ),
        ]),
      ),
    },
  }
}

/** Abramowitz and Stegun 7.1.26; good to 1e-7, enough for a picture. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x)
  return z < 0 ? tail / 2 : 1 - tail / 2
}
