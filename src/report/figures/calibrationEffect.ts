import { widthInWords } from '../calibrationEffect.js'
import type { CalibrationSummary, CalibrationWidth, ReportContents } from '../contents.js'
import { formatCount, formatDuration, formatNumber, formatPercent, unitAfter, unitOf } from '../format.js'
import { counted, scored } from '../headline.js'
import { finite, type Json, type Row, type Specification } from '../specification.js'
import { scoredTasks, type ScoredTask } from '../tasks.js'
import type { Palette } from '../theme.js'
import type { ReportFigure } from './figure.js'

const levels = [
  { name: '50', promised: 0.5, label: '50 % intervals' },
  { name: '90', promised: 0.9, label: '90 % intervals' },
] as const

/** What the intervals held before the model was calibrated, what calibration did to them, and what they hold with it. */
export const calibrationEffect: ReportFigure = {
  section: 'calibration',
  draw(contents, { palette, medium }) {
    const { calibration } = contents
    const tasks = scoredTasks(contents).filter(({ view }) => Number.isFinite(view.scores.coverage['50']))
    if (calibration === undefined || tasks.length === 0) return []
    const height = medium === 'page' ? 190 : 170
    const words = inWords(calibration, tasks, contents)
    return [
      {
        name: 'calibration-effect',
        title: 'What calibration changed',
        note: 'Left: values inside the intervals; bars mark what they promise. Right: how much wider or narrower it made them.',
        description: words.join(' '),
        key: [
          { mark: 'ring', colour: palette.muted, label: 'validation series, before' },
          ...tasks.map(({ task, title }) => ({ mark: marks[task].key, colour: palette.model, label: `${title.toLowerCase()}, with it` })),
          ...(placesOf(calibration).length > 1
            ? [
                { mark: marks.interpolation.key, colour: palette.model, label: 'between values shown' },
                { mark: marks.extrapolation.key, colour: palette.model, label: BEYOND },
              ]
            : []),
          { mark: 'line', colour: palette.model, label: 'width of 50 % intervals' },
          { mark: 'dashed', colour: palette.model, label: 'of 90 % intervals' },
        ],
        columns: 2,
        page: { lede: [...words, 'Bars mark what intervals promise.'].join(' '), layout: 'pair' },
        panels: [
          {
            name: 'calibration-held',
            title: 'Values inside the intervals',
            caption: { title: 'Before and after', note: 'values inside the intervals' },
            description: words.join(' '),
            spec: heldView(calibration, tasks, palette, height),
          },
          {
            name: 'calibration-widths',
            title: 'Width of the intervals',
            caption: { title: 'What calibration did', note: 'width of the intervals, 1 for as before' },
            description: effectInWords(calibration, contents),
            spec: widthsView(calibration, contents, palette, height),
          },
        ],
      },
    ]
  },
}

const marks = {
  interpolation: { shape: 'circle', key: 'dot' },
  extrapolation: { shape: 'diamond', key: 'diamond' },
} as const

const BEYOND = 'before the first or after the last'

/** What was held before, what calibration does, and what is held now: a sentence each. */
function inWords(calibration: CalibrationSummary, tasks: readonly ScoredTask[], contents: ReportContents): string[] {
  const { before, series, values } = calibration
  const held = ({ '50': half, '90': most }: CalibrationSummary['before']): string =>
    `the 50 % intervals held ${formatPercent(half)}, the 90 % intervals ${formatPercent(most)}`
  const now = tasks.map(
    ({ title, view: { scores } }) =>
      `${title.toLowerCase()} ${formatPercent(scores.coverage['50'])} and ${formatPercent(scores.coverage['90'])}`,
  )
  return [
    `Before calibration, of ${counted(values, 'value', 'values')} held out of ${formatCount(series)} validation series, ${held(before)}.`,
    effectInWords(calibration, contents),
    `With it, on ${scored(tasks[0]!.view, contents)}, they hold ${now.join(', ')}.`,
  ]
}

/** Where values lie among those shown, with what calibration does there; one place where it is the same. */
function placesOf({ between, beyond }: CalibrationSummary): { readonly where: string; readonly widths: readonly CalibrationWidth[] }[] {
  if (JSON.stringify(between) === JSON.stringify(beyond)) return [{ where: '', widths: between }]
  return [
    { where: 'between values shown', widths: between },
    { where: BEYOND, widths: beyond },
  ]
}

/** What calibration does near a value shown, and far from all. */
function effectInWords(calibration: CalibrationSummary, { time, timeColumn }: ReportContents): string {
  const one = ({ half, most }: CalibrationWidth): string =>
    widthInWords(half) === widthInWords(most)
      ? `both ${widthInWords(half)}`
      : `the 50 % intervals ${widthInWords(half)}, the 90 % intervals ${widthInWords(most)}`
  const parts = placesOf(calibration).map(({ where, widths }) => {
    const [near, far] = [widths[0]!, widths.at(-1)!]
    const at = (distance: number): string =>
      `${formatDuration(distance, time)}${unitAfter(time, timeColumn)} from ${where === '' ? 'the nearest value shown' : 'the nearest'}`
    if (near === far) return `${where === '' ? '' : `, ${where},`} ${one(near)}`
    return `, ${where === '' ? '' : `${where} `}${at(near.distance)}, ${one(near)}; ${at(far.distance)}, ${one(far)}`
  })
  return `Calibration made${parts.join('; and')}.`
}

/** Shares of values inside the intervals: a lane for each of what they are of. */
function heldView(calibration: CalibrationSummary, tasks: readonly ScoredTask[], palette: Palette, height: number): Specification {
  const lanes = [
    { of: 'validation series, before calibration', task: 'before', coverage: calibration.before },
    ...tasks.map(({ task, title, view }) => ({ of: `${title.toLowerCase()}, with calibration`, task, coverage: view.scores.coverage })),
  ]
  const held: Row[] = levels.flatMap(({ name, label, promised }) =>
    lanes.map(({ of, task, coverage }, lane) => ({
      level: label,
      promised,
      lane,
      of,
      task,
      share: finite(coverage[name]),
      label: formatPercent(coverage[name]),
    })),
  )
  const y: Json = {
    field: 'level',
    type: 'nominal',
    title: null,
    sort: null,
    scale: { paddingInner: 0.25, paddingOuter: 0.15 },
    axis: { grid: false, ticks: false, domain: false, labelPadding: 8 },
  }
  const yOffset: Json = { field: 'lane', type: 'ordinal', sort: null }
  const x = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: 'values inside, %',
    scale: { domain: [0, 1], nice: false },
    axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], labelExpr: "format(datum.value * 100, '.0f')" },
  })
  const before: Json = { test: "datum.task === 'before'" }
  const task: Json = {
    field: 'task',
    type: 'nominal',
    legend: null,
    scale: {
      domain: ['before', 'interpolation', 'extrapolation'],
      range: ['circle', marks.interpolation.shape, marks.extrapolation.shape],
    },
  }
  // Beside the mark, on the side away from what is promised.
  const numbers = (filter: string, align: 'left' | 'right', dx: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'text', align, dx, color: palette.ink, tooltip: null },
    encoding: { x: x('share'), y, yOffset, text: { field: 'label' } },
  })
  return {
    width: 'container',
    height,
    datasets: { held },
    data: { name: 'held' },
    layer: [
      {
        mark: { type: 'tick', thickness: 2, color: palette.muted, tooltip: null },
        encoding: { x: x('promised'), y, yOffset },
      },
      {
        mark: { type: 'point', filled: true, opacity: 1, size: 80, strokeWidth: 2 },
        encoding: {
          x: x('share'),
          y,
          yOffset,
          shape: task,
          fill: { condition: { ...before, value: palette.surface }, value: palette.model },
          stroke: { condition: { ...before, value: palette.muted }, value: palette.model },
          tooltip: [
            { field: 'of', title: 'of', type: 'nominal' },
            { field: 'level', title: 'intervals', type: 'nominal' },
            { field: 'label', title: 'values inside', type: 'nominal' },
          ],
        },
      },
      numbers('datum.share < datum.promised', 'right', -10),
      numbers('datum.share >= datum.promised', 'left', 10),
    ],
  }
}

/** The factors on the widths as rows of a figure. */
const widthRows = (calibration: CalibrationSummary, { time, timeColumn }: ReportContents): Row[] =>
  placesOf(calibration).flatMap(({ where, widths }) =>
    widths.flatMap(({ distance, half, most }) =>
      [half, most].map((width, i) => ({
        where,
        task: where === BEYOND ? 'extrapolation' : 'interpolation',
        level: levels[i]!.label,
        distance: finite(distance),
        width: finite(width),
        at: `${formatDuration(distance, time)}${unitAfter(time, timeColumn)}`,
        shown: formatNumber(width),
      })),
    ),
  )

/** Factors on the widths by the distance from the nearest value shown, and by whether there is one on both sides. */
function widthsView(calibration: CalibrationSummary, contents: ReportContents, palette: Palette, height: number): Specification {
  const rows = widthRows(calibration, contents)
  const widest = Math.max(...rows.map(({ width }) => Number(width)))
  const x: Json = {
    field: 'distance',
    type: 'quantitative',
    title: `distance from the nearest value shown (${unitOf(contents.time, contents.timeColumn)})`,
    scale: { domainMin: 0, nice: false, padding: 8 },
    axis: { tickCount: 5 },
  }
  const y: Json = {
    field: 'width',
    type: 'quantitative',
    title: 'times as wide',
    scale: { domainMin: 0, domainMax: Math.max(1.25, 1.1 * widest), nice: false },
    axis: { tickCount: 4 },
  }
  const level: Json = { field: 'level', type: 'nominal', legend: null }
  return {
    width: 'container',
    height,
    datasets: { widths: rows, unchanged: [{ width: 1 }] },
    layer: [
      { data: { name: 'unchanged' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { y } },
      {
        data: { name: 'widths' },
        mark: { type: 'line', color: palette.model, strokeWidth: 2, tooltip: null },
        encoding: {
          x,
          y,
          detail: { field: 'where', type: 'nominal' },
          strokeDash: {
            ...level,
            scale: {
              domain: levels.map(({ label }) => label),
              range: [
                [1, 0],
                [5, 3],
              ],
            },
          },
        },
      },
      {
        data: { name: 'widths' },
        mark: { type: 'point', filled: true, opacity: 1, size: 50, color: palette.model, stroke: palette.surface, strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          shape: {
            field: 'task',
            type: 'nominal',
            legend: null,
            scale: { domain: Object.keys(marks), range: Object.values(marks).map(({ shape }) => shape) },
          },
          tooltip: [
            ...(rows.some(({ where }) => where !== '') ? [{ field: 'where', title: 'value', type: 'nominal' }] : []),
            { field: 'at', title: 'from the nearest value shown', type: 'nominal' },
            { field: 'level', title: 'intervals', type: 'nominal' },
            { field: 'shown', title: 'times as wide', type: 'nominal' },
          ],
        },
      },
    ],
  }
}
