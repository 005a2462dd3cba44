import { denormaliseValue, mixtureMoments, type Normalisation } from '../data/normalise.js'
import type { Forecast } from './forecast.js'
import { mixtureQuantile } from './mixture.js'

const quantiles = { q05: 0.05, q25: 0.25, q50: 0.5, q75: 0.75, q95: 0.95 } as const

/** Columns of a table of forecasts, besides the id. */
export const forecastColumns = ['time', 'channel', 'mean', 'sd', 'q05', 'q25', 'q50', 'q75', 'q95'] as const

/** A prediction of one channel at one time, in the data's own units; seven digits, which is what float32 has. */
export type ForecastRow = { readonly time: number; readonly channel: string; readonly mean: number; readonly sd: number } & Readonly<
  Record<keyof typeof quantiles, number>
>

/** The forecast of a series as rows of a table: time after time, channel after channel. */
export function forecastRows(
  { times, mixture }: Pick<Forecast, 'times' | 'mixture'>,
  { normalisation }: { readonly normalisation: Normalisation },
): ForecastRow[] {
  return Array.from(times, (time, i) =>
    normalisation.channels.map((channel, c): ForecastRow => {
      const distribution = mixture(i, c)
      const { mean, sd } = mixtureMoments(channel, distribution.means, new Float64Array(distribution.means.length).fill(distribution.sd))
      const quantile = (name: keyof typeof quantiles): number =>
        rounded(denormaliseValue(channel, mixtureQuantile(distribution, quantiles[name])))
      return {
        time,
        channel: channel.channel,
        mean: rounded(mean),
        sd: rounded(sd),
        q05: quantile('q05'),
        q25: quantile('q25'),
        q50: quantile('q50'),
        q75: quantile('q75'),
        q95: quantile('q95'),
      }
    }),
  ).flat()
}

const rounded = (value: number): number => Number(value.toPrecision(7))
