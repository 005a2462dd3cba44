import { pitHistogram, reliability } from '../calibration.js'
import type { EvaluationView } from '../contents.js'
import { finite, type Json, type Row, type Specification } from '../figure.js'
import { formatPercent } from '../format.js'
import type { Palette } from '../theme.js'

const shares = { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], labelExpr: "format(datum.value * 100, '.0f')" }

/** How often values fell into the central intervals, against how often they should; the diagonal is perfect. */
export function reliabilityView(view: EvaluationView, palette: Palette, height = 230): Specification {
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
export function pitView(view: EvaluationView, palette: Palette, height = 230): Specification {
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
