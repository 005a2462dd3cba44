import { pitHistogram, reliability } from '../calibration.js'
import type { EvaluationView } from '../contents.js'
import { formatPercent } from '../format.js'
import { finite, type Json, type Row, type Specification } from '../specification.js'
import { scoredTasks } from '../tasks.js'
import type { Palette } from '../theme.js'
import type { ReportFigure } from './figure.js'

/** Whether the stated uncertainty is what it should be. */
export const calibration: ReportFigure = {
  section: 'calibration',
  draw(contents, { palette, medium }) {
    const tasks = scoredTasks(contents).filter(({ view }) => view.points.some(({ pit }) => Number.isFinite(pit)))
    if (tasks.length === 0) return []
    const height = medium === 'page' ? 230 : 200
    return [
      {
        name: 'calibration',
        title: 'Is the stated uncertainty right?',
        note:
          'Curves: how many values lay inside the intervals; on the diagonal, as many as promised. Bars: where in its predicted ' +
          'distribution each value fell; level is calibrated.',
        description: tasks
          .map(({ title, view }) => {
            const [half, most] = [covered(view, '50'), covered(view, '90')]
            return `${title}: ${half} of the values lie inside the 50 % interval, ${most} inside the 90 % interval.`
          })
          .join(' '),
        key: [],
        columns: 2,
        page: {
          layout: 'quarter',
          lede:
            'Curves: of the values, how many lay inside the intervals; on the dashed diagonal, exactly as many as promised; above it, ' +
            'the model is more cautious than it need be. Bars: where in its predicted distribution each value fell; level bars are ' +
            'calibrated, a hump is too cautious, a bowl too sure, a slope biased.',
        },
        panels: tasks.flatMap(({ task, title, view }) => [
          {
            name: `reliability-${task}`,
            title,
            caption: { title, note: 'coverage' },
            description:
              `${title}: share of values inside central intervals against the intervals’ probability. ` +
              `${covered(view, '50')} lie inside the 50 % interval, ${covered(view, '90')} inside the 90 % interval.`,
            spec: reliabilityView(view, palette, height),
          },
          {
            name: `pit-${task}`,
            title: `${title}: values`,
            caption: { title, note: 'where values fell' },
            description: `${title}: histogram of where values fell in their predictive distributions; calibrated forecasts give a flat one.`,
            spec: pitView(view, palette, height),
          },
        ]),
      },
    ]
  },
}

const covered = ({ scores }: EvaluationView, interval: '50' | '90'): string => formatPercent(scores.coverage[interval])

const shares = { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], labelExpr: "format(datum.value * 100, '.0f')" }

/** How often values fell into the central intervals, against how often they should; the diagonal is perfect. */
function reliabilityView(view: EvaluationView, palette: Palette, height: number): Specification {
  const curve: Row[] = reliability(view.points).map(({ nominal, observed }) => ({ nominal, observed: round(observed) }))
  const { coverage } = view.scores
  const stated: Row[] = (
    [
      [0.5, coverage['50']],
      [0.9, coverage['90']],
    ] as const
  )
    .map(([nominal, observed]) => ({
      nominal,
      observed: finite(observed),
      label: formatPercent(observed),
      interval: formatPercent(nominal),
      low: (finite(observed) ?? 0) < 0.5,
    }))
    .filter((row) => row.observed !== null)
  const scale: Json = { domain: [0, 1], nice: false }
  const x: Json = { field: 'nominal', type: 'quantitative', title: 'interval, %', scale, axis: { ...shares } }
  const y: Json = { field: 'observed', type: 'quantitative', title: 'values inside, %', scale, axis: shares }
  return {
    width: 'container',
    height,
    datasets: {
      curve,
      stated,
      diagonal: [
        { nominal: 0, observed: 0 },
        { nominal: 1, observed: 1 },
      ],
    },
    layer: [
      {
        data: { name: 'diagonal' },
        mark: { type: 'line', color: palette.muted, strokeDash: [3, 3], strokeWidth: 1, tooltip: null },
        encoding: { x, y },
      },
      { data: { name: 'curve' }, mark: { type: 'line', color: palette.model, strokeWidth: 2, tooltip: null }, encoding: { x, y } },
      {
        data: { name: 'stated' },
        mark: { type: 'point', filled: true, opacity: 1, size: 80, color: palette.model, stroke: palette.surface, strokeWidth: 2 },
        encoding: {
          x,
          y,
          tooltip: [
            { field: 'interval', type: 'nominal' },
            { field: 'label', title: 'values inside', type: 'nominal' },
          ],
        },
      },
      {
        data: { name: 'stated' },
        mark: { type: 'text', align: 'right', dx: -9, dy: -9, color: palette.ink, fontWeight: 600, tooltip: null },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  }
}

/** Where in the predictive distribution the values fell: flat is calibrated, a hump is too cautious, a bowl too sure. */
function pitView(view: EvaluationView, palette: Palette, height: number): Specification {
  const bins = pitHistogram(view.points)
  const rows: Row[] = bins.map(({ from, to, share }) => ({
    from,
    to,
    share: round(share),
    range: `${formatPercent(from)} to ${formatPercent(to)}`,
    shown: formatPercent(share, 1),
  }))
  const expected = 1 / bins.length
  const y: Json = {
    field: 'share',
    type: 'quantitative',
    stack: false,
    title: 'share of values, %',
    scale: { domainMin: 0, domainMax: Math.max(2 * expected, ...bins.map((bin) => bin.share * 1.08)), nice: false },
    axis: { tickCount: 4, labelExpr: "format(datum.value * 100, '.0f')" },
  }
  return {
    width: 'container',
    height,
    datasets: { bins: rows, expected: [{ share: expected, label: 'calibrated' }] },
    layer: [
      {
        data: { name: 'bins' },
        mark: { type: 'bar', color: palette.model, opacity: 0.75, binSpacing: 2, cornerRadiusEnd: 2 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            bin: { binned: true, step: expected },
            title: 'predicted chance of a smaller value, %',
            scale: { domain: [0, 1], nice: false },
            axis: { ...shares },
          },
          x2: { field: 'to' },
          y,
          tooltip: [
            { field: 'range', title: 'predicted chance', type: 'nominal' },
            { field: 'shown', title: 'share of values', type: 'nominal' },
          ],
        },
      },
      { data: { name: 'expected' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { y } },
    ],
  }
}

function round(share: number): number | null {
  const known = finite(share)
  return known === null ? null : Number(known.toFixed(4))
}
