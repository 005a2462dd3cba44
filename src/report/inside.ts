import type { Json, Row, Specification } from './specification.js'
import type { Figure } from './figures/figure.js'
import { counted } from './headline.js'
import type { LiveContents } from './live/liveContents.js'
import { unpack, type Packed } from './page/pack.js'

/** What of the data is in a file, found in the file. */
export interface Inside {
  /** Ids of the series that it names. */
  readonly named: readonly string[]
  /** Observed values that are drawn, and of how many series. */
  readonly drawn: { readonly series: number; readonly values: number }
  /** The fitted model, and the observed values of the series that it can be asked about. */
  readonly model?: { readonly series: number; readonly values: number }
  /** Series whose times of observation are told. */
  readonly timelines: number
  /**
   * Named series that are a mark of their own in a figure of all: an error, a place in the latent space, with what is told of them there.
   */
  readonly summaries: number
  /** Such marks of series that are not named. */
  readonly unnamed: number
}

/** A figure as far as its data go. */
interface Drawn {
  /** The series that it is of, if it is of one. */
  readonly series?: string | undefined
  readonly datasets: Readonly<Record<string, readonly Row[]>>
}

/** What is in a page that `renderReport` or `renderComparison` made: read from its text. */
export function insideOfPage(page: string): Inside {
  const packed = jsonIn(page, 'figures') as Packed | undefined
  const live = jsonIn(page, 'live') as Pick<LiveContents, 'series'> | undefined
  const inside = insideOf(packed === undefined ? [] : unpack(packed))
  // Ids in the markup that are in no figure: there are none, unless something was overlooked.
  const markup = page.replace(/<(script|style)\b.*?<\/\1>/gs, '')
  const written = [...markup.matchAll(/ data-(?:id|series)="([^"]*)"/g)].map(([, id]) => unescapeHtml(id!))
  return {
    ...inside,
    named: [...new Set([...inside.named, ...(live?.series ?? []).map(({ id }) => id), ...written])],
    ...(live && { model: { series: live.series.length, values: live.series.reduce((sum, { values }) => sum + values.length, 0) } }),
  }
}

/** What is in figures that are files of their own: these name a series in the titles of its panels only. */
export function insideOfFigures(figures: readonly Figure[]): Inside {
  const inside = insideOf(figures.flatMap(({ panels }) => panels.map(({ spec, series }) => ({ series, datasets: datasetsOf(spec) }))))
  return {
    ...inside,
    named: [...new Set(figures.flatMap(({ panels }) => panels.flatMap(({ series }) => series ?? [])))],
    summaries: 0,
    unnamed: inside.unnamed + inside.summaries,
  }
}

/** The same in words. */
export function describeInside({ named, drawn, model, timelines, summaries, unnamed }: Inside, subject = 'This file holds'): string {
  const series = (count: number): string => counted(count, 'series', 'series')
  const values = (count: number): string => counted(count, 'observed value', 'observed values')
  const parts = [
    ...(drawn.values > 0 ? [`${values(drawn.values)} of ${series(drawn.series)}`] : []),
    ...(model ? [`the fitted model, with ${values(model.values)} of the ${series(model.series)} that it can be asked about`] : []),
    ...(timelines > 0 ? [`the times at which ${series(timelines)} ${timelines === 1 ? 'was' : 'were'} observed`] : []),
    ...(summaries > 0 ? [`what the figures of all tell of ${series(summaries)} each, such as errors, means and labels`] : []),
  ]
  const names =
    named.length === 0
      ? ' No series is named.'
      : ` Named ${named.length === 1 ? 'is' : 'are'} ${series(named.length)}: ${named
          .slice(0, NAMES)
          .map((id) => (id === '' ? '(no name)' : id))
          .join(', ')}${named.length > NAMES ? ', …' : ''}.`
  const others =
    unnamed === 0
      ? ''
      : ` ${counted(unnamed, 'mark', 'marks')} of other series, such as errors, ${unnamed === 1 ? 'is' : 'are'} without id, time, ` +
        'value or label.'
  return (
    `${subject} ` +
    `${parts.length === 0 ? 'summaries of the data, and no single observation' : parts.join('; ')}.${names}${others}${parts.length + named.length === 0 ? '' : ' Pass it on only to those who may see the data themselves.'}`
  )
}

/** Ids that are listed. */
const NAMES = 8

function insideOf(figures: readonly Drawn[]): Inside {
  const [drawn, timelines, summaries] = [new Set<string>(), new Set<string>(), new Set<string>()]
  let [values, anonymous, unnamed] = [0, 0, 0]
  for (const { series, datasets } of figures) {
    // Sets of one figure are of the same series.
    let marks = 0
    for (const rows of Object.values(datasets)) {
      const first = rows[0]
      if (first === undefined) continue
      if ('role' in first && 'value' in first) {
        values += rows.length
        if (series === undefined) anonymous++
        else drawn.add(series)
      } else if ('series' in first) {
        // The lines of a raster are told by their ticks; these are their backgrounds.
        if ('from' in first) continue
        const ids = rows.map((row) => row['series'] as Json)
        const told = 'split' in first ? timelines : summaries
        for (const id of ids) if (typeof id === 'string') told.add(id)
        marks = Math.max(marks, ids.filter((id) => id === null).length)
      }
    }
    unnamed += marks
  }
  return {
    named: [...new Set([...drawn, ...timelines, ...summaries])],
    drawn: { series: drawn.size + anonymous, values },
    timelines: timelines.size,
    summaries: summaries.size,
    unnamed,
  }
}

const datasetsOf = (spec: Specification): Drawn['datasets'] => (spec['datasets'] ?? {}) as unknown as Drawn['datasets']

function jsonIn(page: string, id: string): unknown {
  const text = new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, 's').exec(page)?.[1]
  return text === undefined ? undefined : JSON.parse(text)
}

const unescapeHtml = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
