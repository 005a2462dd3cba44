import type { TimeAxis } from '../../data/series.js'
import { categories, none, sequence, type Classified } from '../classes.js'
import type { KeyEntry } from '../figures/figure.js'
import { formatPercent, toMilliseconds } from '../format.js'
import type { LatentContents } from '../latentContents.js'
import { latentExtent } from '../latentExtent.js'
import { rounder, type Json, type Row, type Specification } from '../specification.js'
import { categoryColours, type Palette } from '../theme.js'
import { chosenParam, isChosen, who, whoTold } from './chosen.js'

/** Fields of the attributes in the rows: positions, since their names come from the data. */
const colourField = (attribute: number): string => `a${attribute}`

/** How series may be coloured, and what is said of each. */
export interface Colouring {
  /** Classes of the series, by attribute. */
  readonly coloured: readonly Classified[]
  /** What is said of each series under the pointer. */
  readonly said: readonly string[]
  /** The attribute that they are coloured by at first. */
  readonly by: number
}

const categoryMarks = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'] as const

/** How the series of each class are drawn. */
export const classLooks = (palette: Palette): { name: string; mark: KeyEntry['mark']; colour: string }[] => [
  ...sequence.map((name) => ({ name, mark: 'circle' as const, colour: palette[name] })),
  ...categories.map((name, i) => ({ name, mark: categoryMarks[i]!, colour: palette[categoryColours[i]!] })),
  { name: none, mark: 'circle', colour: palette.none },
]

type Round = ReturnType<typeof rounder>

/**
 * Where z0 of each series lies, coloured by the attribute whose position is the parameter `by`; the course of the chosen
 * series' z(t); and for two latent dimensions arrows along dz/dt.
 */
export function latentView(
  latent: LatentContents,
  { coloured, said, by }: Colouring,
  axis: TimeAxis,
  palette: Palette,
  height: number,
): Specification {
  const shown = latentExtent(latent.points)
  const round = shown.map((ends) => rounder(ends)) as [Round, Round]
  const [[x0, x1], [y0, y1]] = shown.map(padded) as [[number, number], [number, number]]
  const x = position('x', axisTitle(latent, 0), '[x0, x1]', 'max(3, min(8, floor(width / 90)))')
  const y = position('y', axisTitle(latent, 1), '[y0, y1]', '5')
  return {
    width: 'container',
    height,
    params: [
      { name: 'x0', value: x0 },
      { name: 'x1', value: x1 },
      { name: 'y0', value: y0 },
      { name: 'y1', value: y1 },
      { name: 'by', value: by },
      chosenParam,
    ],
    datasets: {
      points: pointRows(latent, coloured, said, round),
      paths: pathRows(latent, axis, round),
      ...(latent.field && { field: arrows(latent.field, ...round) }),
    },
    layer: [
      ...(latent.field ? [arrowLayer(x, y, palette)] : []),
      allPoints(x, y, palette),
      ...chosenPath(x, y, axis, palette),
      ...chosenPoint(x, y, palette),
    ],
  }
}

function pointRows(
  { points }: LatentContents,
  coloured: readonly Classified[],
  said: readonly string[],
  [roundX, roundY]: [Round, Round],
): Row[] {
  return points.map(({ series, at }, i) => ({
    series: series ?? null,
    x: roundX(at[0]),
    y: roundY(at[1]),
    said: said[i]!,
    ...Object.fromEntries(
      coloured.flatMap(({ classes, shown }, a) => [
        [colourField(a), classes[i]!],
        [`t${a}`, shown[i]!],
      ]),
    ),
  }))
}

/** A row for each course: its times are evenly spaced, so the first and the step say all. */
function pathRows({ points }: LatentContents, axis: TimeAxis, [roundX, roundY]: [Round, Round]): Row[] {
  return points
    .filter(({ path }) => path.length > 0)
    .map(({ series = null, path }) => {
      const [start, end] = [path[0]!, path[path.length - 1]!].map(({ time }) => toMilliseconds(time, axis)) as [number, number]
      return {
        series,
        start,
        step: path.length > 1 ? (end - start) / (path.length - 1) : 0,
        x: path.map(({ at }) => roundX(at[0])!),
        y: path.map(({ at }) => roundY(at[1])!),
      }
    })
}

const position = (field: string, title: string, domain: string, ticks: string): Json => ({
  field,
  type: 'quantitative',
  title,
  scale: { domain: { expr: domain }, nice: false, zero: false },
  axis: { grid: true, domain: false, ticks: false, tickCount: { expr: ticks } },
})

/** Class and value of the attribute that colours. */
const shade: readonly Json[] = [{ calculate: "datum['a' + by]", as: 'shade' }, { calculate: "datum['t' + by]", as: 'value' }, who]

const pointTooltip: Json = [
  whoTold,
  { field: 'said', title: 'it has', type: 'nominal' },
  { field: 'value', title: 'colour', type: 'nominal' },
]

/** Colour and shape by class. */
function classEncodings(palette: Palette): { color: Json; shape: Json } {
  const looks = classLooks(palette)
  const domain = looks.map(({ name }) => name)
  return {
    color: { field: 'shade', type: 'nominal', legend: null, scale: { domain, range: looks.map(({ colour }) => colour) } },
    shape: { field: 'shade', type: 'nominal', legend: null, scale: { domain, range: looks.map(({ mark }) => mark) } },
  }
}

const allPoints = (x: Json, y: Json, palette: Palette): Json => ({
  data: { name: 'points' },
  transform: shade,
  mark: { type: 'point', filled: true, stroke: palette.surface, strokeWidth: 1, size: 62, cursor: 'pointer' },
  encoding: {
    x,
    y,
    ...classEncodings(palette),
    opacity: { condition: { test: `chosen === null || ${isChosen}`, value: 0.95 }, value: 0.6 },
    tooltip: pointTooltip,
  },
})

/** The course of the chosen series: a line, and a dot at each time, the last one large. */
function chosenPath(x: Json, y: Json, axis: TimeAxis, palette: Palette): Json[] {
  const transform: Json = [
    { filter: isChosen },
    { flatten: ['x', 'y'] },
    {
      window: [
        { op: 'row_number', as: 'number' },
        { op: 'count', as: 'length' },
      ],
      frame: [null, null],
    },
    { calculate: 'datum.start + (datum.number - 1) * datum.step', as: 'time' },
  ]
  return [
    {
      data: { name: 'paths' },
      transform,
      mark: { type: 'line', color: palette.ink, strokeWidth: 2, clip: true, tooltip: null },
      encoding: { x, y, order: { field: 'number', type: 'quantitative' } },
    },
    {
      data: { name: 'paths' },
      transform,
      mark: { type: 'point', filled: true, opacity: 1, stroke: palette.surface, strokeWidth: 1, clip: true },
      encoding: {
        x,
        y,
        color: { value: palette.ink },
        size: { condition: { test: 'datum.number === datum.length', value: 70 }, value: 18 },
        tooltip: [
          { field: 'series', type: 'nominal' },
          {
            field: 'time',
            title: 'z(t) at',
            ...(axis.kind === 'date'
              ? {
                  type: 'temporal',
                  timeUnit: axis.dateOnly ? 'utcyearmonthdate' : 'utcyearmonthdatehoursminutes',
                  format: axis.dateOnly ? '%Y-%m-%d' : '%Y-%m-%d %H:%M',
                }
              : { type: 'quantitative', format: '.4~g' }),
          },
        ],
      },
    },
  ]
}

/** The chosen series, large and with its name. */
const chosenPoint = (x: Json, y: Json, palette: Palette): Json[] => [
  {
    data: { name: 'points' },
    transform: [{ filter: isChosen }, ...shade],
    mark: { type: 'point', filled: true, opacity: 1, size: 210, strokeWidth: 2.5, stroke: palette.ink, cursor: 'pointer' },
    encoding: { x, y, ...classEncodings(palette), tooltip: pointTooltip },
  },
  {
    data: { name: 'points' },
    transform: [{ filter: isChosen }],
    mark: { type: 'text', align: 'left', dx: 12, dy: -9, color: palette.ink, fontWeight: 600, fontSize: 12, tooltip: null, limit: 140 },
    encoding: { x, y, text: { field: 'series' } },
  },
]

const axisTitle = ({ latents, shares }: LatentContents, k: 0 | 1): string =>
  k === 1 && latents === 1
    ? 'there is no second latent dimension'
    : `principal component ${k + 1}: ${formatPercent(shares[k])} of the variance`

function arrows(field: NonNullable<LatentContents['field']>, roundX: Round, roundY: Round): Row[] {
  const most = Math.max(...field.map(({ velocity: [u, v] }) => Math.hypot(u, v)))
  return field.map(({ at, velocity: [u, v] }) => {
    const speed = most > 0 ? Math.hypot(u, v) / most : 0
    return { x: roundX(at[0]), y: roundY(at[1]), u: Number(u.toPrecision(4)), v: Number(v.toPrecision(4)), speed: Number(speed.toFixed(3)) }
  })
}

/** Arrows point along dz/dt as it is drawn, whatever the scales of the axes; the faster, the larger. */
function arrowLayer(x: Json, y: Json, palette: Palette): Json {
  return {
    data: { name: 'field' },
    transform: [{ calculate: 'atan2(datum.u * width / (x1 - x0), datum.v * height / (y1 - y0)) * 180 / PI', as: 'direction' }],
    mark: { type: 'point', shape: 'arrow', filled: true, opacity: 0.75, tooltip: null },
    encoding: {
      x,
      y,
      color: { value: palette.muted },
      angle: { field: 'direction', type: 'quantitative', scale: null },
      size: { field: 'speed', type: 'quantitative', legend: null, scale: { type: 'linear', domain: [0, 1], range: [40, 420] } },
    },
  }
}

function padded([low, high]: readonly [number, number]): [number, number] {
  const room = 0.06 * (high - low)
  return [Number((low - room).toPrecision(5)), Number((high + room).toPrecision(5))]
}
