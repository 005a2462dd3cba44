import { formatTime } from '../format.js'
import { counted } from '../headline.js'
import { fileName } from '../still/fileName.js'
import { seriesPanel } from '../views/series.js'
import { seriesKey, seriesNote } from '../views/seriesKey.js'
import type { Figure, ReportFigure } from './figure.js'
import { drawnSeries } from './forecasts.js'

/** Observations and predictions, each series in a figure of its own. */
export const series: ReportFigure = {
  section: 'forecasts',
  media: ['file'],
  draw(contents, { palette }) {
    const names = new Set<string>()
    return drawnSeries(contents).map((one, i): Figure => {
      const { id, times, channels } = one
      const name = fileName(['series', id], i + 1, names)
      names.add(name)
      const [first, last] = [times[0], times.at(-1)]
      const span =
        first === undefined || last === undefined ? '' : ` from ${formatTime(first, contents.time)} to ${formatTime(last, contents.time)}`
      return {
        name,
        title: `${contents.idColumn} ${id}`,
        note: seriesNote(contents),
        description:
          `Observations of ${contents.idColumn} ${id} and the model’s mean with 50 % and 90 % bands${span}, in ` +
          `${counted(channels.length, 'channel', 'channels')}.`,
        key: seriesKey([one], palette),
        columns: channels.length > 4 ? 3 : 2,
        panels: channels.map((view) => ({
          ...(contents.data.channels.length > 1 && { title: view.channel }),
          series: id,
          spec: seriesPanel(one, view, contents.time, palette, 170),
        })),
      }
    })
  },
}
