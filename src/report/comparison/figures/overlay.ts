import type { TimeAxis } from '../../../data/series.js'
import type { ChannelView, SeriesView } from '../../contents.js'
import { extent } from '../../extent.js'
import type { KeyEntry, Panel } from '../../figures/figure.js'
import { alongBottom, formatNumber, formatTime, toMilliseconds } from '../../format.js'
import { untrained } from '../../notices.js'
import { finite, labelledGrid, rounder, significant, type Json, type Row, type Specification } from '../../specification.js'
import type { Palette } from '../../theme.js'
import { beyondLayer, everyValue, observationLayers, ruleLayer, valueDomain } from '../../views/series.js'
import { observationKey } from '../../views/seriesKey.js'
import { timeAxis } from '../../views/timeAxis.js'
import type { Both, ComparedSeries, ComparisonContents } from '../contents.js'
import { looks, modelKey } from './models.js'

/** A panel for each channel of a series. */
export const overlays = (
  { time }: ComparisonContents,
  series: ComparedSeries,
  palette: Palette,
  titleOf: (channel: string) => string | undefined,
): Panel[] =>
  series.views[0].channels.map((view, channel) => {
    const title = titleOf(view.channel)
    return { ...(title !== undefined && { title }), series: series.id, spec: overlayView(series, channel, time, palette) }
  })

export const overlayNote = ({ time, timeColumn }: ComparisonContents): string =>
  `Both models are given the solid dots and have to predict the rest. Along the bottom: ${alongBottom(time, timeColumn)}.`

export function overlayKey(contents: ComparisonContents, shown: readonly ComparedSeries[], palette: Palette): KeyEntry[] {
  const has = (role: string): boolean =>
    shown.some(({ views: [view] }) => view.channels.some(({ observations }) => observations.some((o) => o.role === role)))
  const beyond = shown.some(
    ({ views }) => (views[0].times.at(-1) ?? -Infinity) > Math.min(...views.map(({ trainedUntil = Infinity }) => trainedUntil)),
  )
  return [
    ...modelKey(contents, palette),
    { mark: 'band', colour: palette.model, opacity: 0.2, label: '90 % of values expected' },
    { mark: 'band', colour: palette.other, opacity: 0.2, label: '90 %' },
    ...observationKey(has, palette),
    ...(beyond ? [{ mark: 'band', colour: palette.beyond, label: 'past the training span' } as const] : []),
  ]
}

/** One channel of one series with the forecasts of both models: means and 90 % bands over the same observations. */
function overlayView({ views }: ComparedSeries, channel: number, axis: TimeAxis, palette: Palette, height = 160): Specification {
  const [one, other] = views
  const mine = [one.channels[channel]!, other.channels[channel]!] as const
  const values = mine.flatMap(everyValue)
  const log = mine[0].scale === 'log' && values.every((value) => value > 0)
  const round = log ? significant : rounder(values)
  const time = (value: number): number => toMilliseconds(value, axis)
  const [first, to] = extent([...one.times, ...other.times, ...mine[0].observations.map((o) => o.time)])
  const from = first - 0.015 * (to - first)
  const x: Json = {
    field: 'time',
    ...timeAxis(axis),
    title: null,
    scale: { domain: [time(from), time(to)], nice: false, type: axis.kind === 'date' ? 'utc' : 'linear' },
  }
  const y = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { type: log ? 'log' : 'linear', domain: extent(mine.flatMap((view) => valueDomain(view, log))), nice: false },
    axis: { tickCount: 4, minExtent: 34, ...(log && labelledGrid) },
  })
  return {
    width: 'container',
    height,
    datasets: {
      first: gridRows(one, channel, time, round),
      second: gridRows(other, channel, time, round),
      observations: observationRows(mine[0], axis, round),
      beyond: untrained(untrainedOfEither(views), from, to).map((stretch) => ({ from: time(stretch.from), to: time(stretch.to) })),
      rule: one.conditionedUntil >= from && one.conditionedUntil < to ? [{ time: time(one.conditionedUntil) }] : [],
    },
    layer: [
      beyondLayer(x, palette),
      ...looks(palette).map(({ name, colour }): Json => ({
        data: { name },
        mark: { type: 'area', color: colour, opacity: 0.15, clip: true, tooltip: null },
        encoding: { x, y: y('q05'), y2: { field: 'q95' } },
      })),
      ruleLayer(x, palette),
      ...looks(palette).map(({ name, colour, dash }): Json => ({
        data: { name },
        mark: { type: 'line', color: colour, strokeWidth: 1.9, strokeDash: dash, clip: true, tooltip: null },
        encoding: { x, y: y('mean') },
      })),
      ...observationLayers(x, y('value'), palette),
    ],
  }
}

type Round = (value: number | null | undefined) => number | null

function gridRows({ times, channels }: SeriesView, channel: number, time: (value: number) => number, round: Round): Row[] {
  const { mean, q05, q95 } = channels[channel]!.prediction
  return times.map((at, i) => ({ time: time(at), mean: round(mean[i]), q05: round(q05[i]), q95: round(q95[i]) }))
}

const observationRows = ({ observations }: ChannelView, axis: TimeAxis, round: Round): Row[] =>
  observations
    .filter((o) => finite(o.value) !== null)
    .map((o) => ({
      time: toMilliseconds(o.time, axis),
      value: round(o.value),
      role: o.role,
      at: formatTime(o.time, axis),
      shown: formatNumber(o.value, 4),
      said: o.role === 'conditioning' ? 'given to the models' : 'held out',
    }))

/** A view with the times that both models were trained on. */
const untrainedOfEither = ([one, other]: Both<SeriesView>): SeriesView => ({
  ...one,
  trainedFrom: Math.max(one.trainedFrom ?? -Infinity, other.trainedFrom ?? -Infinity),
  trainedUntil: Math.min(one.trainedUntil ?? Infinity, other.trainedUntil ?? Infinity),
})
