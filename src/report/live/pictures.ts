import type { Normalisation } from '../../data/normalise.js'
import type { TimeAxis } from '../../data/series.js'
import type { TimeScale } from '../../train/selection.js'
import { trainedRange } from '../../train/trainedRange.js'
import type { ChannelView, SeriesView } from '../contents.js'
import type { Json, Row, Specification } from '../specification.js'
import { formatNumber, toMilliseconds } from '../format.js'
import { variables } from '../theme.js'
import { seriesPanel } from '../views/series.js'
import type { Answer, Question } from './liveModel.js'
import { isKnown, timeWindow, type Scenario } from './scenario.js'

/** What the axes of a panel run over. */
export interface Extent {
  readonly from: number
  readonly to: number
  readonly low: number
  readonly high: number
}

/** A scenario and what the model says of it, for the channels that the question asks for. */
export interface Told {
  readonly scenario: Scenario
  readonly question: Question
  readonly answer: Answer
}

export interface Surroundings {
  readonly normalisation: Normalisation
  readonly axis: TimeAxis
  readonly scale: TimeScale
}

/** The series as the report's views take it. */
export function seriesViewOf({ scenario, question, answer }: Told, { normalisation, scale }: Surroundings): SeriesView {
  const last = scenario.points.filter((point) => isKnown(scenario, point)).at(-1)
  const { from, until } = trainedRange(scale, question.series.times[0]!)
  return {
    id: scenario.id,
    conditionedUntil: last?.time ?? -Infinity,
    trainedFrom: from,
    trainedUntil: until,
    times: Array.from(question.times),
    channels: question.channels.map((c, i): ChannelView => ({
      channel: normalisation.channels[c]!.channel,
      scale: normalisation.channels[c]!.transform.kind === 'log' ? 'log' : 'linear',
      observations: scenario.points
        .filter(({ channel }) => channel === c)
        .map((point) => ({ time: point.time, value: point.value, role: isKnown(scenario, point) ? 'conditioning' : 'heldout' })),
      prediction: answer.predictions[i]!,
    })),
  }
}

/**
 * The panel of one channel as in the report's other figures. All panels have the scenario's whole time on their axis.
 *
 * @param position of the channel in the question
 * @param held axes that are to stay as they are, while a point is dragged
 */
export function panelOf(
  told: Told,
  view: SeriesView,
  position: number,
  { axis }: Surroundings,
  height: number,
  held?: Extent,
): Specification {
  const spec = seriesPanel(view, view.channels[position]!, axis, variables, height)
  const params = spec.params as readonly { readonly name: keyof Extent; readonly value: number }[]
  const [start, end] = timeWindow(told.scenario)
  const room = 0.015 * (end - start)
  // Room on both sides, so that no point is cut in half.
  const wanted: Partial<Extent> = held ?? { from: toMilliseconds(start - room, axis), to: toMilliseconds(end + room, axis) }
  return { ...spec, params: params.map(({ name, value }) => ({ name, value: wanted[name] ?? value })) }
}

/** Quantile of the standard normal that holds 90 % between it and its opposite. */
const OUTER = 1.645

/** q(z0): the mean and the central 90 % of each latent, beside what the prior holds of any series. */
export function posteriorFigure({ mean, sd }: Answer['posterior'], height = 96): Specification {
  const rows: Row[] = Array.from(mean, (value, i) => ({
    latent: i + 1,
    mean: value,
    low: value - OUTER * sd[i]!,
    high: value + OUTER * sd[i]!,
    shown: formatNumber(value),
    interval: `${formatNumber(value - OUTER * sd[i]!)} to ${formatNumber(value + OUTER * sd[i]!)}`,
  }))
  const most = Math.ceil(Math.max(3, ...rows.flatMap(({ low, high }) => [Math.abs(low as number), Math.abs(high as number)])))
  const x: Json = { field: 'latent', type: 'ordinal', title: null, axis: { labelAngle: 0, labelOverlap: 'greedy' } }
  const y = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { domain: { expr: '[-most, most]' }, nice: false },
    axis: { tickCount: 3, minExtent: 34 },
  })
  const tooltip: Json = [
    { field: 'latent', title: 'latent', type: 'nominal' },
    { field: 'shown', title: 'mean', type: 'nominal' },
    { field: 'interval', title: '90 %', type: 'nominal' },
  ]
  return {
    width: 'container',
    height,
    params: [{ name: 'most', value: most }],
    datasets: { latents: rows, prior: [{ low: -OUTER, high: OUTER }] },
    layer: [
      {
        data: { name: 'prior' },
        mark: { type: 'rect', color: variables.grid, opacity: 0.75, tooltip: null },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        data: { name: 'latents' },
        mark: { type: 'rule', color: variables.model, opacity: 0.4, strokeWidth: 6 },
        encoding: { x, y: y('low'), y2: { field: 'high' }, tooltip },
      },
      {
        data: { name: 'latents' },
        mark: { type: 'tick', color: variables.model, thickness: 2.5, width: { band: 0.5 } as Json, orient: 'horizontal' },
        encoding: { x, y: y('mean'), tooltip },
      },
    ],
  }
}
