import { loadavg } from 'node:os'
import type { Absent, Contestant } from './contest.js'
import type { Peaks } from './machine.js'
import type { ItemResult, Timing } from './measure.js'
import { descriptions } from './problems.js'

/** Lines of columns, the first flush left, the others flush right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), [])
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** Microseconds in three digits. */
export function duration(microseconds: number): string {
  const [value, unit] =
    microseconds < 1000 ? [microseconds, 'µs'] : microseconds < 1e6 ? [microseconds / 1e3, 'ms'] : [microseconds / 1e6, 's']
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

const spread = ({ lower, upper, median }: Timing): string => `±${((50 * (upper - lower)) / median).toFixed(0)}%`
const times = (ratio: number | undefined): string => (ratio === undefined ? '' : `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)}x`)

/** One item: everyone's medians, spread (half the distance between the quartiles), ratio to plain loops, share of the peak. */
export function itemTable({ item, entries, operations, failures }: ItemResult, peak: number | undefined): string[] {
  const share = (work: number, timing: Timing | undefined): string =>
    timing === undefined || peak === undefined ? '' : `${((100 * work) / (timing.median * 1e3) / peak).toFixed(1)}%`
  const cells = (timing: Timing | undefined): string[] =>
    timing ? [duration(timing.median), spread(timing), times(timing.ratio)] : ['–', '', '']
  const rows = entries.map(({ contestant, timings: { f, v, p }, agreement }) => [
    contestant,
    ...cells(f),
    share(operations.forward, f),
    ...cells(v),
    share(operations.gradient, v),
    ...cells(p),
    agreement.ok
      ? `${agreement.error.toExponential(0)}${agreement.why ? ' *' : ''}`
      : `WRONG: ${agreement.error.toExponential(1)} in ${agreement.worst}`,
  ])
  const notes = [...new Set(entries.flatMap(({ agreement: { why } }) => (why === undefined ? [] : [`* ${why}`])))]
  return [
    `${item}: ${descriptions[item]}`,
    ...columns([['', 'f', '', 'to js', 'peak', 'v', '', 'to js', 'peak', 'v+write', '', 'to js', 'error'], ...rows]).map(
      (line) => `  ${line}`,
    ),
    ...failures.map(({ contestant, reason }) => `  ${contestant}: failed: ${reason}`),
    ...notes.map((note) => `  ${note}`),
  ]
}

export function header(
  machine: string,
  peaks: Peaks | { readonly reason: string },
  contestants: readonly Contestant[],
  absent: readonly Absent[],
): string[] {
  const peakLine =
    'reason' in peaks && typeof peaks.reason === 'string'
      ? `peak not measured: ${peaks.reason}`
      : `peak of one core, single precision: ${Object.entries(peaks)
          .map(([name, rate]) => `${name} ${Number(rate).toFixed(0)}`)
          .join(', ')} GFLOP/s`
  return [
    machine,
    peakLine,
    ...contestants.map(({ name, detail }) => `${name}: ${detail}`),
    ...absent.map(({ name, reason }) => `${name}: not here: ${reason}`),
    `load: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}. With one thread, calls over 0.5 ms count only the time in which the process ran: a busy machine lengthens them less.`,
    'f: forward. v: forward and all gradients. v+write: v with the weights written (and packed) anew each time. ±: half the distance ' +
      'between the quartiles.',
    'to js: how many times as fast as plain JavaScript loops, median over rounds. peak: share of the best peak above that the matrix ' +
      'products reach.',
  ]
}
