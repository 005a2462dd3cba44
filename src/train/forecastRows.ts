import { UserError } from '../errors.js'
import type { Forecast } from './forecastTypes.js'

/** Probabilities of the quantiles that tables have where none are asked for. */
export const defaultQuantiles: readonly number[] = [0.05, 0.25, 0.5, 0.75, 0.95]

/** What the quantile of a probability is called: `q05` of 0.05, `q02.5` of 0.025. */
export type QuantileName = `q${string}`

/** The name of a quantile: its percentage, of two digits at least before the point. */
export function quantileName(probability: number): QuantileName {
  // Twelve digits: 100 · 0.07 is to be 7.
  const percent = Number((100 * probability).toPrecision(12))
  return `q${percent < 10 ? '0' : ''}${percent}`
}

/** What a distribution is told by: mean, sd, quantiles. */
export type Statistic = 'mean' | 'sd' | QuantileName

export const statistics = (quantiles: readonly number[]): readonly Statistic[] => ['mean', 'sd', ...quantiles.map(quantileName)]

/** A prediction of one channel at one time, in the data's own units; seven digits, which is what float32 has. */
export interface ForecastRow {
  readonly time: number
  readonly channel: string
  readonly mean: number
  readonly sd: number
  readonly [quantile: QuantileName]: number
}

/** The forecast of a series as rows of a table: time after time, channel after channel. */
export function forecastRows(
  { times, distribution }: Pick<Forecast, 'times' | 'distribution'>,
  channels: readonly string[],
  quantiles = defaultQuantiles,
): ForecastRow[] {
  return Array.from(times, (time, i) =>
    channels.map((channel, c): ForecastRow => {
      const said = distribution(i, c)
      return {
        time,
        channel,
        mean: rounded(said.mean),
        sd: rounded(said.sd),
        ...Object.fromEntries(quantiles.map((probability) => [quantileName(probability), rounded(said.quantile(probability))])),
      }
    }),
  ).flat()
}

/**
 * Probabilities that were asked for, each once.
 *
 * @param what what messages call them
 * @throws UserError `BadProbability`
 */
export function checkQuantiles(given: readonly (number | string)[], what: string): readonly number[] {
  return [...new Set(given)].map((one) => {
    const probability = typeof one === 'string' && one.trim() !== '' ? Number(one) : one
    if (typeof probability === 'number' && probability > 0 && probability < 1) return probability
    const percent = Number(probability)
    const hint =
      percent >= 1 && percent < 100 ? `${Number((percent / 100).toPrecision(12))} for ${percent} %` : '0.1,0.9 for the central 80 %'
    throw new UserError(
      'BadProbability',
      `${what} ${typeof one === 'string' ? JSON.stringify(one) : one}, but a quantile is named by a probability above 0 and below 1: ${hint}.`,
    )
  })
}

/** As tables have it: to seven digits. */
export const rounded = (value: number): number => Number(value.toPrecision(7))
