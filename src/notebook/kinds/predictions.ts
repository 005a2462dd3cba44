import type { Series } from '../../data/series.js'
import type { SeriesView } from '../../report/contents.js'
import { formatCount } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html } from '../../report/html.js'
import type { Prediction, Predictions } from '../../train/predictions.js'
import type { TimeScale } from '../../train/selection.js'
import { trainedRange } from '../../train/trainedRange.js'
import { figuresOf } from '../figures.js'
import type { DisplayOptions, Parts } from '../parts.js'

const DRAWN = 4

/** Predictions of some series, each channel in a panel with what was observed. */
export function predictionParts(predictions: Predictions, { series = DRAWN }: DisplayOptions): Parts {
  const { series: all, observed, time, idColumn, timeColumn, scale, failed } = predictions
  const chosen = all.map((_, i) => i).filter((i) => (typeof series === 'number' ? i < series : series.includes(all[i]!.id)))
  const views = chosen.map((i) => seriesView(all[i]!, observed[i]!.series, observed[i]!.shown, scale))
  const heldOut = chosen.some((i) => observed[i]!.shown < observed[i]!.series.times.length)
  return {
    body: html`<p><strong>Predictions of ${counted(all.length, 'series', 'series')}</strong>${all.length > chosen.length && ` (${formatCount(chosen.length)} drawn)`}: the mean, and bands for 50\u202f% and 90\u202f% of what would be observed. Solid dots were given to the model${heldOut && ', rings were held out'}; right of the dotted rule it extrapolates.${failed.length > 0 && ` The solver failed for ${failed.join(', ')}.`}</p>`,
    figures: figuresOf(['forecasts'], {
      title: `What the model makes of ${counted(views.length, 'series', 'series')}`,
      series: views,
      time,
      timeColumn,
      idColumn: idColumn === '' ? 'series' : idColumn,
    }),
  }
}

function seriesView({ id, times, channels }: Prediction, series: Series, shown: number, scale: TimeScale): SeriesView {
  const { from, until } = trainedRange(scale, series.times[0]!)
  const width = channels.length
  return {
    id,
    times: Array.from(times),
    conditionedUntil: series.times[shown - 1]!,
    trainedFrom: from,
    trainedUntil: until,
    channels: channels.map(({ channel, transform, mean, q05, q25, q50, q75, q95 }, c) => ({
      channel,
      scale: transform === 'log' ? 'log' : 'linear',
      observations: Array.from(series.times, (time, row) => ({ time, row }))
        .filter(({ row }) => series.mask[row * width + c] === 1)
        .map(({ time, row }) => ({
          time,
          value: series.values[row * width + c]!,
          role: row < shown ? ('conditioning' as const) : ('heldout' as const),
        })),
      prediction: {
        mean: Array.from(mean),
        q05: Array.from(q05!),
        q25: Array.from(q25!),
        q50: Array.from(q50!),
        q75: Array.from(q75!),
        q95: Array.from(q95!),
      },
    })),
  }
}
