import type { ComparisonFigure } from '../figure.js'
import { counted } from '../../headline.js'
import { overlays, overlayKey, overlayNote } from './overlay.js'

/** The same series with the forecasts of both models, in one figure. */
export const forecasts: ComparisonFigure = {
  section: 'forecasts',
  media: ['page', 'single'],
  draw(contents, { palette }) {
    const { series, channels, idColumn } = contents
    if (series.length === 0) return []
    const several = channels.length > 1
    return [
      {
        name: 'forecasts',
        title: contents.title,
        note: overlayNote(contents),
        description: `Observations of ${counted(series.length, 'series', 'series')} and the forecasts of both models: means with 90 % bands.`,
        key: overlayKey(contents, series, palette),
        columns: channels.length > 3 ? 3 : 2,
        page: { layout: 'panels' },
        panels: series.flatMap((one) =>
          overlays(contents, one, palette, (channel) => `${idColumn} ${one.id}${several ? ` · ${channel}` : ''}`),
        ),
      },
    ]
  },
}
