import type { TableWithGaps } from '../../data/gaps.js'
import type { ReadOptions } from '../../data/read.js'
import type { ReadResult } from '../../data/readResult.js'
import type { SeriesLabels } from '../../data/labels.js'
import type { SeriesSet } from '../../data/series.js'
import type { ModelKind } from '../../model/modelKind.js'
import type { FittedModel, ModelDescription } from '../../train/modelFile.js'
import type { Context, Teller } from '../command.js'
import { UsageError } from '../errors.js'
import { counted } from '../terminal/layout.js'
import { delimiterOf, type ReadingOptions } from '../options/readingOptions.js'

/** Reads a data file as the user's options say, and tells what was guessed. */
export async function readData(
  path: string,
  options: ReadingOptions & { readonly values?: readonly string[] | undefined },
  context: Teller,
): Promise<ReadResult> {
  return read(path, { ...toReadOptions(options), ...(options.values && { values: options.values }) }, context)
}

/** Reads a data file for a model: its columns and channels are the defaults, its time axis is kept. */
export const readDataFor = async (fitted: ModelDescription, path: string, options: ReadingOptions, context: Teller): Promise<ReadResult> =>
  read(path, optionsFor(fitted, options), context)

function optionsFor(fitted: ModelDescription, options: ReadingOptions): ReadOptions & { readonly expected: readonly string[] } {
  const { id = fitted.idColumn, time = fitted.timeColumn } = options
  return { ...toReadOptions(options), id, time, expected: fitted.channels, axis: fitted.time }
}

interface Files {
  readonly model: string
  readonly data: string
}

/** A model and data to use it on. --samples is an error for a model that draws none. */
export const readModelAndData = (
  files: Files,
  options: ReadingOptions,
  context: Teller & Pick<Context, 'given'>,
): Promise<{ fitted: FittedModel; read: ReadResult }> =>
  readModelAnd(files, context, (fitted) => readDataFor(fitted, files.data, options, context))

/** As `readModelAndData`, with the table that the data stand in. */
export const readModelAndTable = (
  files: Files,
  options: ReadingOptions,
  context: Teller & Pick<Context, 'given'>,
): Promise<{ fitted: FittedModel; read: ReadResult & { readonly whole: TableWithGaps } }> =>
  readModelAnd(files, context, async (fitted) => {
    const { readWithGaps } = await import('../../data/gaps.js')
    return readBy(readWithGaps, files.data, optionsFor(fitted, options), context)
  })

async function readModelAnd<R extends ReadResult>(
  files: Files,
  context: Teller & Pick<Context, 'given'>,
  readFor: (fitted: FittedModel) => Promise<R>,
): Promise<{ fitted: FittedModel; read: R }> {
  if (!/\.safetensors$/i.test(files.model) && /\.safetensors$/i.test(files.data))
    throw new UsageError(
      'Usage',
      `${files.data} looks like a model file, and ${files.model} does not. The model comes first, then the data.`,
    )
  const { readModel } = await import('../../train/modelFile.js')
  const { domainNotices } = await import('../../data/normalise.js')
  const { models } = await import('../../model/models.js')
  const fitted = await context.timed('reading the model', () => readModel(files.model))
  context.detail(
    `${files.model}: fitted by latent-ode ${fitted.version} with ${fitted.engine}, ` +
      `${fitted.estimation ? 'in one go' : fitted.ensemble ? `${fitted.ensemble.members.length} times, to average` : `${counted(fitted.history.length, 'epoch')}, weights of epoch ${fitted.keptEpoch}`}; columns ` +
      `${[fitted.idColumn, fitted.timeColumn, ...fitted.channels].filter((name) => name !== '').join(', ')}.`,
  )
  const { fixed, estimated }: ModelKind = models[fitted.kind]
  if (context.given.has('samples') && (estimated || Object.hasOwn(fixed ?? {}, 'samples')))
    throw new UsageError('Option', `${files.model} holds a model of the kind ${fitted.kind}, which draws no samples. Leave out --samples.`)
  const result = await readFor(fitted)
  const outside = domainNotices(result.set, fitted.normalisation)
  outside.forEach(context.note)
  return { fitted, read: { ...result, notices: [...result.notices, ...outside] } }
}

/** Labels of a data set's series: the id column is the data's, and neither its times nor its channels are labels. */
export async function readLabelsOf(
  path: string,
  set: SeriesSet,
  missing: ReadingOptions['missing'],
  { note }: Pick<Teller, 'note'>,
): Promise<SeriesLabels[]> {
  const { readLabels } = await import('../../data/labels.js')
  const { labels, notices } = await readLabels(path, {
    id: set.idColumn,
    series: set.series.map(({ id }) => id),
    besides: [set.timeColumn, ...set.channels],
    ...(missing && { missing }),
  })
  notices.forEach(note)
  return labels
}

const read = async (path: string, options: ReadOptions, context: Teller): Promise<ReadResult> =>
  readBy((await import('../../data/read.js')).readSeries, path, options, context)

/** Reads by one of the ways to read a table, and tells what was guessed. */
async function readBy<O extends ReadOptions, R extends ReadResult>(
  reading: (path: string, options: O) => Promise<R>,
  path: string,
  options: O,
  { note, detail, timed }: Teller,
): Promise<R> {
  const result = await timed('reading data', () => reading(path, options))
  const { set, notices } = result
  notices.forEach(note)
  const rows = set.series.reduce((sum, { times }) => sum + times.length, 0)
  const { describeAxis } = await import('../../data/dates.js')
  detail(
    `${path === '-' ? 'Standard input' : path}: ${counted(set.series.length, 'series', 'series')}, ${counted(rows, 'row')}, ` +
      `${counted(set.channels.length, 'channel')} (${set.channels.join(', ')}); times are ` +
      `${set.time.kind === 'number' ? 'numbers' : `${set.time.kind === 'date' ? 'dates' : 'lengths of time'}, counted in ${describeAxis(set.time)}`}.`,
  )
  return result
}

function toReadOptions({
  id,
  time,
  dateFormat,
  timeZone,
  format,
  channel,
  value,
  duplicates,
  missing,
  delimiter,
  decimal,
  thousands,
  encoding,
  skipRows,
}: ReadingOptions): ReadOptions {
  return {
    format,
    duplicates,
    ...(id !== undefined && { id }),
    ...(time !== undefined && { time }),
    ...(dateFormat !== undefined && { dateFormat }),
    ...(timeZone !== undefined && { timeZone }),
    ...(channel !== undefined && { channel }),
    ...(value !== undefined && { value }),
    ...(missing !== undefined && { missing }),
    ...(delimiter !== undefined && { delimiter: delimiterOf(delimiter) }),
    ...(decimal !== undefined && { decimal }),
    ...(thousands !== undefined && { thousands: thousands === 'space' ? ' ' : thousands === 'apostrophe' ? "'" : thousands }),
    ...(encoding !== undefined && { encoding }),
    ...(skipRows !== undefined && { skipRows }),
  }
}
