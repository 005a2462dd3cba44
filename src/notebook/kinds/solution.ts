import type { RowStatus, Solution } from '../../ode/types.js'
import { formatCount, formatNumber } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html } from '../../report/html.js'
import type { Row, Specification } from '../../report/specification.js'
import { light } from '../../report/theme.js'
import type { DisplayOptions, Parts } from '../parts.js'
import { htmlTable } from './table.js'

/** Solutions are drawn for so many rows, and listed for so many. */
const ROWS = 20
/** Hues of the components: those of the report's figures. */
const hues = [light.model, light.heldout, light.locf, light.mean, light.linear, light.muted]

/** The solution of an ODE: its components over time, and what each row's solve took. */
export function solutionParts(solution: Solution, options: DisplayOptions): Parts {
  const { rows, dim, stats, status } = solution
  const failed = status.filter((row) => row.status !== 'ok')
  const listed = status.slice(0, ROWS)
  return {
    body: html`<p><strong>Solution of an ODE</strong>: ${counted(rows, 'row', 'rows')} of ${counted(dim, 'component', 'components')}; ${counted(stats.evaluations, 'evaluation', 'evaluations')} of the field, ${counted(stats.accepted, 'step', 'steps')} accepted and ${formatCount(stats.rejected)} rejected${failed.length > 0 && html`; <strong>${counted(failed.length, 'row', 'rows')} failed</strong>`}.</p>
${htmlTable(
  ['row', 'reached', 'evaluations', 'accepted', 'rejected', 'smallest step', 'status'],
  listed.map((row, i) => [
    String(i),
    formatNumber(row.time, 5),
    formatCount(stats.rows.evaluations[i]!),
    formatCount(stats.rows.accepted[i]!),
    formatCount(stats.rows.rejected[i]!),
    formatNumber(stats.rows.smallestStep[i]!),
    statusText(row),
  ]),
)}${rows > ROWS && html`<p>The first ${ROWS} rows.</p>`}`,
    ...(solution.values.length > 0 && {
      figures: [
        {
          name: 'solution',
          title: 'Solution',
          columns: 1,
          key:
            dim === 1
              ? []
              : Array.from(
                  { length: dim },
                  (_, i) => ({ mark: 'line', colour: hues[i % hues.length]!, label: nameOf(i, options) }) as const,
                ),
          description: `${counted(dim, 'component', 'components')} of ${counted(Math.min(rows, ROWS), 'row', 'rows')} over time.`,
          panels: [{ spec: componentsView(solution, options) }],
        },
      ],
    }),
  }
}

const statusText = ({ status, message }: RowStatus): string => (status === 'ok' ? 'ok' : `${status}: ${message}`)

const nameOf = (component: number, { names }: DisplayOptions): string => names?.[component] ?? `z${subscript(component + 1)}`

function componentsView({ values, offsets, rows, dim }: Solution, options: DisplayOptions): Specification {
  const { times } = options
  const timeOf = (row: number, i: number): number => {
    if (times === undefined) return i
    const own = typeof times[0] === 'number' ? (times as ArrayLike<number>) : (times[row] as ArrayLike<number>)
    return own[i] ?? NaN
  }
  const points: Row[] = []
  for (let row = 0; row < Math.min(rows, ROWS); row++) {
    for (let point = offsets[row]!; point < offsets[row + 1]!; point++) {
      for (let component = 0; component < dim; component++) {
        const value = values[point * dim + component]!
        if (Number.isFinite(value)) points.push({ row, time: timeOf(row, point - offsets[row]!), component, value })
      }
    }
  }
  const few = points.length <= 60 * dim
  return {
    width: 'container',
    height: 220,
    data: { values: points },
    mark: { type: 'line', strokeWidth: 1.75, point: few ? { size: 20 } : false },
    encoding: {
      x: { field: 'time', type: 'quantitative', title: times === undefined ? 'output' : 't', scale: { zero: false, nice: false } },
      y: { field: 'value', type: 'quantitative', title: null, scale: { zero: false } },
      color: {
        field: 'component',
        type: 'nominal',
        legend: null,
        scale: { domain: Array.from({ length: dim }, (_, i) => i), range: hues },
      },
      detail: { field: 'row', type: 'nominal' },
    },
  }
}

const subscript = (number: number): string => [...String(number)].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]!).join('')
