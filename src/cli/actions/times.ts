import { parseLength, parseTime } from '../../data/dates.js'
import type { Series, TimeAxis } from '../../data/series.js'
import { UserError } from '../../errors.js'
import { UsageError } from '../errors.js'

/** What the user said about the times to predict at. */
export interface TimeOptions {
  readonly at?: string | number | readonly (string | number)[] | undefined
  readonly horizon?: string | number | undefined
  readonly step?: string | number | undefined
}

/** Predictions per series, for fear of a mistyped step. */
const MOST_TIMES = 100_000
const HORIZON_STEPS = 30
const SPAN_STEPS = 50

/**
 * The times to predict a series at, ascending. `at` names times of the axis; `horizon` reaches so far past the last
 * observation; without either it is the span of the series and a quarter more.
 *
 * @param span used for series of a single row, which have no span of their own
 * @throws UsageError where the options contradict each other, UserError `BadTime` for a time or length of time that is none
 */
export function timesToPredict(
  axis: TimeAxis,
  { at, ...lengths }: TimeOptions,
  span: number,
): (series: Pick<Series, 'times'>) => Float64Array {
  const horizon = lengths.horizon === undefined ? undefined : parseLength(axis, lengths.horizon, '--horizon')
  const step = lengths.step === undefined ? undefined : parseLength(axis, lengths.step, '--step')
  if (at !== undefined) {
    if (horizon !== undefined) throw new UsageError('Usage', '--at and --horizon both say when to predict. Leave one of them out.')
    if (step !== undefined)
      throw new UsageError('Usage', '--step goes with --horizon. With --at write the step after the times: --at 0:10:0.5.')
    const times = parseTimes(axis, at)
    return () => times
  }
  if (horizon !== undefined && step !== undefined && step > horizon)
    throw new UsageError(
      'Usage',
      `--step ${lengths.step} is longer than --horizon ${lengths.horizon}, so there is nothing to predict. Make it shorter.`,
    )
  return ({ times }) => {
    const [first, last] = [times[0]!, times[times.length - 1]!]
    if (horizon !== undefined) return grid(last, horizon, step ?? horizon / HORIZON_STEPS).slice(1)
    const length = last > first ? 1.25 * (last - first) : 0.25 * span
    return grid(first, length, step ?? length / SPAN_STEPS)
  }
}

/** Reads `0:72:0.5`, `1,2,5`, `2024-01-01:2024-02-01:7d` or a list of such; ascending, each time once. */
export function parseTimes(axis: TimeAxis, at: string | number | readonly (string | number)[]): Float64Array {
  const parts = (Array.isArray(at) ? at : [at]).flatMap((part: string | number) => splitList(axis, String(part)))
  if (parts.length === 0) throw new UserError('BadTime', '--at names no time. Write it like 0:72:0.5 or 1,2,5.')
  const times = parts.flatMap((part) => {
    const range = splitRange(axis, part)
    if (range === undefined) return [parseTime(axis, part)]
    const [from, to] = [parseTime(axis, range.from), parseTime(axis, range.to)]
    const step = stepOf(axis, part, range.step)
    if (to < from) throw new UserError('BadTime', `--at ${part}: the end comes before the beginning. Write from:to:step, like 0:72:0.5.`)
    return [...grid(from, to - from, step)]
  })
  return Float64Array.from(new Set(times)).sort()
}

/** What stands between commas; a comma may be part of a date, as in `Jan 18, 2021`. */
function splitList(axis: TimeAxis, text: string): string[] {
  const pieces = text
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
  const parts: string[] = []
  for (let i = 0; i < pieces.length; i++) {
    const joined = axis.kind === 'date' && !isTime(axis, pieces[i]!) && i + 1 < pieces.length ? `${pieces[i]}, ${pieces[i + 1]}` : undefined
    if (joined !== undefined && isTime(axis, joined)) i++
    parts.push(joined !== undefined && isTime(axis, joined) ? joined : pieces[i]!)
  }
  return parts
}

function stepOf(axis: TimeAxis, part: string, text: string): number {
  const step = Number(text)
  if (step > 0 && Number.isFinite(step)) return step
  if (axis.kind !== 'number' && isTried(() => parseLength(axis, text, 'step'))) return parseLength(axis, text, 'step')
  throw new UserError(
    'BadTime',
    `--at ${part}: the step ${JSON.stringify(text)} is not ${axis.kind === 'number' ? 'a number' : 'a length of time'} above 0. ` +
      'Write from:to:step, like 0:72:0.5.',
  )
}

/** `from:to:step`; colons within a time of day do not count. */
function splitRange(axis: TimeAxis, part: string): { from: string; to: string; step: string } | undefined {
  if (axis.kind === 'number') {
    const [, from, to, step] = /^([^:]*):([^:]*):([^:]*)$/.exec(part) ?? []
    if (from !== undefined) return { from, to: to!, step: step! }
    if (part.includes(':')) throw new UserError('BadTime', `--at ${part}: this is not from:to:step. Write it like 0:72:0.5.`)
    return undefined
  }
  if (isTime(axis, part)) return undefined
  const colons = [...part].flatMap((letter, i) => (letter === ':' ? [i] : []))
  const ranges = colons
    .flatMap((first) =>
      colons
        .filter((second) => second > first)
        .map((second) => ({ from: part.slice(0, first), to: part.slice(first + 1, second), step: part.slice(second + 1) })),
    )
    .filter(({ from, to }) => isTime(axis, from) && isTime(axis, to))
  // 01:00:05:00:30m goes from one to five o'clock: what is no step is a part of the time before it.
  return ranges.find(({ step }) => isTried(() => parseLength(axis, step, 'step'))) ?? ranges.at(-1)
}

const isTime = (axis: TimeAxis, text: string): boolean => isTried(() => parseTime(axis, text))

function isTried(read: () => number): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

/** `start`, `start + step`, … up to and with `start + length`. */
function grid(start: number, length: number, step: number): Float64Array {
  // Rounding must not lose the last one.
  const count = Math.floor(length / step + 1e-9) + 1
  if (count > MOST_TIMES)
    throw new UserError(
      'BadTime',
      `A step of ${step} over ${length} units of time makes ${count} predictions of each series, more than ${MOST_TIMES}. Choose a ` +
        'longer one.',
    )
  // 15 digits: 0.1 · 3 is to be 0.3 in the table.
  return Float64Array.from({ length: count }, (_, i) => Number((start + i * step).toPrecision(15)))
}
