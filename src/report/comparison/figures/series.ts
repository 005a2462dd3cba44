import type { ComparisonFigure } from '../figure.js'
import type { Figure } from '../../figures/figure.js'
import { fileName } from '../../still/fileName.js'
import { overlays, overlayKey, overlayNote } from './overlay.js'

/** The same, each series in a figure of its own. */
export const series: ComparisonFigure = {
  section: 'forecasts',
  media: ['file'],
  draw(contents, { palette }) {
    const names = new Set<string>()
    const [one, other] = contents.labels
    return contents.series.map((drawn, i): Figure => {
      const name = fileName(['series', drawn.id], i + 1, names)
      names.add(name)
      return {
        name,
        title: `${contents.idColumn} ${drawn.id}`,
        note: overlayNote(contents),
        description: `Observations of ${contents.idColumn} ${drawn.id} and the forecasts of ${one} and ${other}: means with 90 % bands.`,
        key: overlayKey(contents, [drawn], palette),
        columns: contents.channels.length > 4 ? 3 : 2,
        panels: overlays(contents, drawn, palette, (channel) => (contents.channels.length > 1 ? channel : undefined)),
      }
    })
  },
}
