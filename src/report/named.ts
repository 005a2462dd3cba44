import { gapsBetween } from './gaps.js'
import type { ReportContents } from './contents.js'
import type { LatentContents } from './latentContents.js'

/** Ids of the series that a report is on: those that are drawn one by one, and those that the model in the page can be asked about. */
const namedIn = ({ series, live }: Pick<ReportContents, 'series' | 'live'>): ReadonlySet<string> =>
  new Set([...series.map(({ id }) => id), ...(live?.series ?? []).map(({ id }) => id)])

/**
 * The contents as they are written down: of series that the report is not on, no id, time, value or label; they stay in
 * what is computed over many, and as marks without a name. All of them with `nameAll`.
 */
export function onlyNamed(contents: ReportContents): ReportContents {
  if (contents.nameAll === true) return contents
  const named = namedIn(contents)
  const { data, latent } = contents
  return {
    ...contents,
    data: { ...data, gaps: data.gaps ?? gapsBetween(data.raster), raster: data.raster.filter(({ series }) => named.has(series)) },
    ...(latent && { latent: withoutNames(latent, named) }),
  }
}

/** Whether a series may be named by what is written down. */
export function mayBeNamed(contents: Pick<ReportContents, 'series' | 'live' | 'nameAll'>): (id: string) => boolean {
  const named = namedIn(contents)
  return contents.nameAll === true ? () => true : (id) => named.has(id)
}

/** Of the other points their places alone, ordered by these: the order of a file would say which series is which. */
function withoutNames({ points, attributes, ...rest }: LatentContents, named: ReadonlySet<string>): LatentContents {
  const isNamed = ({ series }: LatentContents['points'][number]): boolean => series !== undefined && named.has(series)
  const kept = [...points.keys()].filter((i) => isNamed(points[i]!))
  const others = points
    .filter((point) => !isNamed(point))
    .map(({ at }) => ({ at, path: [] }))
    .sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1])
  return {
    ...rest,
    points: [...kept.map((i) => points[i]!), ...others],
    attributes: attributes.map((attribute) => ({ ...attribute, values: kept.map((i) => attribute.values[i]!) })),
  }
}
