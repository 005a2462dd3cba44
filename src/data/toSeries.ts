import { axisOf, formatTime, secondsToTime } from './dates.js'
import type { ColumnTable } from './ingest.js'
import { dataError, listNames, plural, quote } from './place.js'
import { missingChannels, noSuchColumn } from './roles.js'
import { listText, optionText, splitList } from './shellWord.js'
import type { Series, SeriesSet, TimeAxis } from './series.js'
import type { TimeForm } from './times/timeForm.js'

export interface ToSeriesOptions {
  /** Rows with the same id and time (long: and channel): an error, their mean, or the last of them. Default `error`. */
  readonly duplicates?: 'error' | 'mean' | 'last'
  /** Long tables: which entries of the channel column to use, in this order. Default: all, in the order of their names. */
  readonly values?: readonly string[]
  /** Channels of a fitted model: all are kept, in this order, whatever their values. */
  readonly expected?: readonly string[]
  /** The time axis of a fitted model: times are expressed on it. Default: inferred. */
  readonly axis?: TimeAxis
  /** Whether it is told which rows and series are left out as nothing was observed. Default true; not where the table keeps them. */
  readonly tellsEmpty?: boolean
}

export interface ToSeriesResult {
  readonly set: SeriesSet
  readonly notices: readonly string[]
}

/** Rows in time order per series, one row per time, before channels are looked at. */
interface Assembled {
  readonly channels: readonly string[]
  readonly series: { id: string; times: Float64Array; values: Float64Array; mask: Uint8Array }[]
}

/**
 * Cleans a table into series: sorts, merges duplicates, leaves out what holds nothing, and puts dates on an axis.
 * Series come in the order of their ids, so nothing depends on the order of the file's rows.
 *
 * @throws DataError `DuplicateRows`, `EmptyChannel`, `ConstantChannel`,
 *   `NoChannels`, `NoRows`, `MissingChannels`, `NoSuchColumn`, `TimeKind`
 */
export function toSeries(columns: ColumnTable, options: ToSeriesOptions = {}): ToSeriesResult {
  const notices: string[] = []
  checkAxis(columns, options.axis)
  const assembled = assemble(columns, options, notices)
  const { tellsEmpty = true } = options
  const cleaned = dropEmptyRows(columns, selectUsable(columns, assembled, options, notices), tellsEmpty ? notices : [])
  const { axis, series } = placeOnAxis(columns, cleaned, options.axis, notices)
  if (options.axis === undefined) warnOfTimes(series, notices)
  const set: SeriesSet = {
    channels: cleaned.channels,
    time: axis,
    idColumn: columns.roles.id.length === 0 ? '' : columns.id.name,
    timeColumn: columns.time.name,
    series,
  }
  return { set, notices }
}

/** Ids in the order people expect: numbers by value, before words; words by their characters. */
export function compareIds(a: string, b: string): number {
  const [x, y] = [a.trim() === '' ? NaN : Number(a), b.trim() === '' ? NaN : Number(b)]
  if (x === x && y === y && x !== y) return x < y ? -1 : 1
  if ((x === x) !== (y === y)) return x === x ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

/** @throws DataError `TimeKind` where times are of another kind than an axis */
export function checkAxis({ file, time, form }: Pick<ColumnTable, 'file' | 'time' | 'form'>, axis: TimeAxis | undefined): void {
  if (axis === undefined || axis.kind === form.kind) return
  const kinds = { number: 'numbers', date: 'dates', duration: 'lengths of time' }
  const remedy =
    axis.kind === 'number'
      ? 'Give times as numbers on the scale that the model was fitted to.'
      : axis.kind === 'date'
        ? 'Give dates like 2024-03-01.'
        : `Give lengths of time like ${formatTime(axis, 1)}.`
  throw dataError(
    'TimeKind',
    { file, column: time.name },
    `times are ${kinds[form.kind]}, but the model was fitted to ${axis.kind === 'number' ? 'plain numbers' : kinds[axis.kind]}`,
    remedy,
  )
}

/** Row numbers by id, then by time; rows of equal id and time stay in file order. */
function sortedRows(columns: ColumnTable): { rows: Int32Array; starts: Int32Array; order: Int32Array } {
  const codes = columns.id.codes()
  const times = columns.time.values()
  const names = columns.id.names
  const order = Int32Array.from(names, (_, i) => i).sort((a, b) => compareIds(names[a]!, names[b]!))
  const rank = new Int32Array(names.length)
  order.forEach((code, position) => (rank[code] = position))
  const starts = new Int32Array(names.length + 1)
  for (const code of codes) starts[rank[code]! + 1]!++
  for (let i = 0; i < names.length; i++) starts[i + 1]! += starts[i]!
  const rows = new Int32Array(codes.length)
  const next = starts.slice()
  for (let row = 0; row < codes.length; row++) rows[next[rank[codes[row]!]!]!++] = row
  for (let i = 0; i < names.length; i++) {
    const slice = rows.subarray(starts[i]!, starts[i + 1]!)
    if (slice.some((row, k) => k > 0 && times[slice[k - 1]!]! > times[row]!)) slice.sort((a, b) => times[a]! - times[b]! || a - b)
  }
  return { rows, starts, order }
}

function assemble(columns: ColumnTable, options: ToSeriesOptions, notices: string[]): Assembled {
  const { rows, starts, order } = sortedRows(columns)
  const times = columns.time.values()
  const long = columns.channel !== undefined
  const channels = long ? longChannels(columns, options, notices) : columns.values.map(({ name }) => name)
  const sources = columns.values.map((column) => column.values())
  const width = channels.length
  const slotOf = columns.channel?.names.map((name) => channels.indexOf(name))
  const channelCodes = columns.channel?.codes()
  const duplicates = { count: 0, first: undefined as { row: number; before: number; channel: string | undefined } | undefined }
  const series: Assembled['series'] = []
  const counts = new Int32Array(width)
  const lastRow = new Int32Array(width)

  for (let s = 0; s < order.length; s++) {
    const [start, stop] = [starts[s]!, starts[s + 1]!]
    let length = 0
    for (let k = start; k < stop; k++) if (k === start || times[rows[k]!] !== times[rows[k - 1]!]) length++
    const own = {
      id: columns.id.names[order[s]!]!,
      times: new Float64Array(length),
      values: new Float64Array(length * width),
      mask: new Uint8Array(length * width),
    }
    let at = -1
    for (let k = start; k < stop; k++) {
      const row = rows[k]!
      const fresh = k === start || times[row] !== times[rows[k - 1]!]
      if (fresh) {
        own.times[++at] = times[row]!
        counts.fill(0)
        lastRow.fill(-1)
      } else if (!long) {
        duplicates.count++
        duplicates.first ??= { row, before: rows[k - 1]!, channel: undefined }
      }
      const only = long ? slotOf![channelCodes![row]!]! : -1
      if (long && only === -1) continue
      for (let c = long ? only : 0; c < (long ? only + 1 : width); c++) {
        const value = sources[long ? 0 : c]![row]!
        if (long && lastRow[c] !== -1) {
          duplicates.count++
          duplicates.first ??= { row, before: lastRow[c]!, channel: channels[c] }
        }
        lastRow[c] = row
        if (value !== value) continue
        const cell = at * width + c
        const seen = options.duplicates === 'mean' ? counts[c]!++ : 0
        own.values[cell] = own.values[cell]! * (seen / (seen + 1)) + value / (seen + 1)
        if (seen === 0) own.values[cell] = value
        own.mask[cell] = 1
      }
    }
    series.push(own)
  }
  reportDuplicates(columns, options, duplicates, notices)
  return { channels, series }
}

function longChannels(columns: ColumnTable, options: ToSeriesOptions, notices: string[]): string[] {
  const found = columns.channel!.names
  if (options.expected !== undefined) {
    const lacking = options.expected.filter((name) => !found.includes(name))
    if (lacking.length === options.expected.length) throw missingChannels(columns.file, options.expected, found)
    // In a long table a channel that was not measured simply has no rows.
    if (lacking.length > 0) notices.push(`No row of the table measures ${listNames(lacking)}; the model takes them as missing.`)
    return [...options.expected]
  }
  // In the order of their names, so that the order of the rows does not matter.
  if (options.values === undefined) return [...found].sort(compareIds)
  for (const name of options.values) if (!found.includes(name)) throw noSuchColumn(columns.file, found, name, '--values')
  return [...new Set(options.values)]
}

function reportDuplicates(
  columns: ColumnTable,
  options: ToSeriesOptions,
  found: { count: number; first: { row: number; before: number; channel: string | undefined } | undefined },
  notices: string[],
): void {
  if (found.first === undefined) return
  const { row, before, channel } = found.first
  const how = options.duplicates ?? 'error'
  if (how === 'error') {
    const lone = columns.roles.id.length === 0
    const telling = columns.tellingApart()
    const id = columns.id.at(row)
    const what = channel === undefined ? 'the same id and time' : `the same id, time and channel ${quote(channel)}`
    throw dataError(
      'DuplicateRows',
      { file: columns.file, line: columns.lines[row]!, series: id, unit: columns.unit },
      `the row has ${what} as ${columns.unit} ${columns.lines[before]} (${plural(found.count, 'such row')})`,
      'Choose what to do with them: --duplicates mean or --duplicates ' +
        `last${telling.length > 0 ? `, or tell series apart by ${listNames(telling, 3)}, too: ` + `${optionText('id', listText([...(lone ? [] : splitList(columns.id.name)), telling[0]!]))}` : lone ? ', or name the column that tells series apart with --id' : ''}.`,
    )
  }
  notices.push(`Merged ${plural(found.count, 'row')} with the same id and time as another (--duplicates ${how}).`)
}

/** Leaves out channels with nothing to learn from; those that were named are errors. */
function selectUsable(columns: ColumnTable, assembled: Assembled, options: ToSeriesOptions, notices: string[]): Assembled {
  const { channels, series } = assembled
  if (options.expected !== undefined) return { channels: options.expected, series }
  const { file, roles } = columns
  const ranges = channelRanges(series, channels.length)
  const still = constantWithin(series, channels.length)
  const kept: number[] = []
  const properties: string[] = []
  channels.forEach((name, c) => {
    const [low, high, count] = [ranges.low[c]!, ranges.high[c]!, ranges.count[c]!]
    const varies = low < high
    if (varies && !still[c]) {
      kept.push(c)
      return
    }
    const column = roles.format === 'long' ? `${columns.channel!.name} ${name}` : name
    if (roles.named) {
      if (count === 0)
        throw dataError('EmptyChannel', { file, column }, 'the channel has no observation at all', 'Leave it out of --values.')
      throw dataError(
        'ConstantChannel',
        { file, column },
        varies
          ? 'the channel has one value in each series, so it has no course to learn'
          : `the channel always has the value ${low}, so there is nothing to learn`,
        'Leave it out of --values.',
      )
    }
    if (varies) properties.push(name)
    else
      notices.push(
        count === 0
          ? `Left out the channel ${quote(name)}: it has no observation.`
          : `Left out the channel ${quote(name)}: it always has the value ${low}.`,
      )
  })
  if (properties.length > 0) notices.push(`Not taken as channels: ${listNames(properties)} (the same in all rows of each series).`)
  if (kept.length === 0)
    throw dataError(
      'NoChannels',
      { file },
      `no channel ${properties.length > 0 ? 'changes within a series' : 'has two different values'} (channels: ${listNames(channels)})`,
      'Give at least one column of numbers that vary.',
    )
  if (kept.length === channels.length) return assembled
  return {
    channels: kept.map((c) => channels[c]!),
    series: series.map((one) => ({
      ...one,
      values: takeColumns(one.values, channels.length, kept, new Float64Array(one.times.length * kept.length)),
      mask: takeColumns(one.mask, channels.length, kept, new Uint8Array(one.times.length * kept.length)),
    })),
  }
}

/** Which channels have one value in each series: at least two series observed them twice, and none saw them change. */
function constantWithin(series: Assembled['series'], width: number): boolean[] {
  const twice = new Int32Array(width)
  const changes = new Uint8Array(width)
  for (const { values, mask } of series) {
    const first = new Float64Array(width).fill(NaN)
    const again = new Uint8Array(width)
    for (let row = 0; row < mask.length; row += width) {
      for (let c = 0; c < width; c++) {
        if (mask[row + c] === 0) continue
        const value = values[row + c]!
        if (first[c] !== first[c]) first[c] = value
        else if (value !== first[c]) changes[c] = 1
        else again[c] = 1
      }
    }
    for (let c = 0; c < width; c++) twice[c]! += again[c]!
  }
  return Array.from(twice, (count, c) => count >= 2 && changes[c] === 0)
}

/** Smallest and largest observed value of each channel, and how many there are. */
function channelRanges(series: Assembled['series'], width: number): { low: Float64Array; high: Float64Array; count: Int32Array } {
  const ranges = {
    low: new Float64Array(width).fill(Infinity),
    high: new Float64Array(width).fill(-Infinity),
    count: new Int32Array(width),
  }
  for (const { values, mask } of series) {
    for (let row = 0; row < mask.length; row += width) {
      for (let c = 0; c < width; c++) {
        if (mask[row + c] === 0) continue
        const value = values[row + c]!
        if (value < ranges.low[c]!) ranges.low[c] = value
        if (value > ranges.high[c]!) ranges.high[c] = value
        ranges.count[c]!++
      }
    }
  }
  return ranges
}

/** The columns `kept` of a row-major matrix of `width` columns, into `out`. */
function takeColumns<A extends Float64Array | Uint8Array>(from: A, width: number, kept: readonly number[], out: A): A {
  for (let cell = 0, row = 0; cell < out.length; row += width) for (const column of kept) out[cell++] = from[row + column]!
  return out
}

/** Leaves out rows at which nothing was observed, and series that are left without rows. */
function dropEmptyRows({ file }: ColumnTable, { channels, series }: Assembled, notices: string[]): Assembled {
  const width = channels.length
  let empty = 0
  const lost: string[] = []
  const kept: Assembled['series'] = []
  for (const one of series) {
    const filled: number[] = []
    for (let row = 0; row < one.times.length; row++) if (one.mask.subarray(row * width, (row + 1) * width).includes(1)) filled.push(row)
    empty += one.times.length - filled.length
    if (filled.length === 0) lost.push(one.id)
    else if (filled.length === one.times.length) kept.push(one)
    else kept.push({ id: one.id, ...takeRows(one, width, filled) })
  }
  if (kept.length === 0)
    throw dataError(
      'NoRows',
      { file },
      'no row holds an observed value',
      'Check which columns are named, and how missing values are written.',
    )
  if (empty > 0) notices.push(`Left out ${plural(empty, 'row')} at which no channel was observed.`)
  if (lost.length > 0) notices.push(`Left out ${plural(lost.length, 'series', 'series')} without any observation: ${listNames(lost, 5)}.`)
  return { channels, series: kept }
}

/** Some rows of a series, in the order given. */
export function takeRows(
  { times, values, mask }: Pick<Series, 'times' | 'values' | 'mask'>,
  width: number,
  rows: readonly number[] | Int32Array,
): Pick<Series, 'times' | 'values' | 'mask'> {
  const out = {
    times: new Float64Array(rows.length),
    values: new Float64Array(rows.length * width),
    mask: new Uint8Array(rows.length * width),
  }
  // Cell by cell: for a few numbers, making views takes longer than copying them.
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    out.times[at] = times[row]!
    for (let c = 0; c < width; c++) {
      out.values[at * width + c] = values[row * width + c]!
      out.mask[at * width + c] = mask[row * width + c]!
    }
  }
  return out
}

function placeOnAxis(
  columns: ColumnTable,
  { series }: Assembled,
  given: TimeAxis | undefined,
  notices: string[],
): { axis: TimeAxis; series: Series[] } {
  if (columns.form.kind === 'number') return { axis: { kind: 'number' }, series }
  const all = new Float64Array(series.reduce((sum, { times }) => sum + times.length, 0))
  const gaps: number[] = []
  let at = 0
  for (const { times } of series) {
    all.set(times, at)
    at += times.length
    for (let i = 1; i < times.length; i++) gaps.push(times[i]! - times[i - 1]!)
  }
  const axis = given ?? axisOf(columns.form, all, Float64Array.from(gaps))
  if (given === undefined) notices.push(axisNotice(columns.form, axis))
  return { axis, series: series.map((one) => ({ ...one, times: one.times.map((seconds) => secondsToTime(axis, seconds)) })) }
}

function axisNotice(form: TimeForm, axis: TimeAxis): string {
  if (axis.kind === 'duration') return `Times are lengths of time, written ${axis.format}: counted in ${axis.unit}s.`
  if (axis.kind === 'number' || form.kind !== 'date') return 'Times are numbers.'
  const written = axis.format === undefined ? '' : `, written ${axis.format}`
  const zone =
    form.zone !== undefined && form.style === 'datetime'
      ? `; they are local times of ${form.zone}`
      : form.style === 'datetime' && form.zone === undefined
        ? '; datetimes without a zone are taken as UTC'
        : ''
  return `Times are dates${written}: counted in ${axis.unit}s since ${axis.epoch}${zone}.`
}

/** Series with one observation are fine by themselves, but cannot show how anything changes. */
function warnOfTimes(series: readonly Series[], notices: string[]): void {
  const single = series.filter(({ times }) => times.length === 1).length
  if (single > 0) notices.push(`${plural(single, 'series', 'series')} of ${series.length} ${single === 1 ? 'has' : 'have'} a single row.`)
}
