import { open } from 'node:fs/promises'
import type { Setting } from '../../report/contents.js'
import type { FiveNumbers } from '../../data/describe.js'
import { describeAxis, formatTime } from '../../data/dates.js'
import type { TimeAxis } from '../../data/series.js'
import { UserError } from '../../errors.js'
import type { FittedModel } from '../../train/modelFile.js'
import type { TrainingState } from '../../train/state.js'
import type { Context, Outcome } from '../command.js'
import type { InspectOptions } from '../commands/inspect.js'
import { CURVE, describeCurves } from '../terminal/curves.js'
import { describeMembers, membersDocument } from '../terminal/members.js'
import { describeEstimation } from '../terminal/estimation.js'
import {
  alignColumns,
  alignPairs,
  counted,
  formatBytes,
  formatCount,
  formatNumber,
  formatPercent,
  formatValue,
} from '../terminal/layout.js'
import { commandLine, READING } from './nextCommand.js'
import { readData } from '../files/readData.js'

/** Shows what is in a data file, a model file or a checkpoint. */
export async function inspectFile(options: InspectOptions, context: Context): Promise<Outcome> {
  return (await isModel(options.file)) ? inspectModel(options.file, context) : inspectData(options, context)
}

/** By its name, or because it begins as safetensors do: eight bytes of length, then `{`. */
async function isModel(path: string): Promise<boolean> {
  if (path === '-') return false
  if (/\.safetensors$/i.test(path)) return true
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return false
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(9), 0, 9, 0)
    return bytesRead === 9 && buffer[8] === 0x7b && buffer.readBigUInt64LE(0) < 2n ** 32n
  } catch {
    return false
  } finally {
    await file.close()
  }
}

async function inspectData(options: InspectOptions, context: Context): Promise<Outcome> {
  // Notices are part of what was asked for: they stand below the table, not on standard error.
  const { set, notices: found } = await readData(options.file, options, { ...context, note: () => {} })
  const { describeSeries } = await import('../../data/describe.js')
  const { fingerprint } = await import('../../data/fingerprint.js')
  const description = describeSeries(set)
  const { channels, lengths, spans, gaps } = description
  const width = context.terminals.out.columns
  const five = ({ min, q25, median, q75, max }: FiveNumbers): string[] => [min, q25, median, q75, max].map(formatValue)
  const text = [
    alignPairs([
      ['File', options.file],
      [
        'Series',
        `${formatCount(description.series)}, told apart by ` +
          `${set.idColumn === '' ? 'nothing: all rows are one series' : `the column ${JSON.stringify(set.idColumn)}`}`,
      ],
      ['Rows', formatCount(description.rows)],
      ['Values', `${formatCount(description.observed)}, ${formatPercent(description.missing)} of the cells missing`],
      [
        'Times',
        `column ${JSON.stringify(set.timeColumn)}, from ` +
          `${timeText(set.time, description.earliest, description.latest - description.earliest)} to ` +
          `${timeText(set.time, description.latest, description.latest - description.earliest)}${set.time.kind === 'number' ? '' : ` (counted in ${describeAxis(set.time)})`}`,
      ],
    ]),
    '',
    alignColumns(
      [
        ['', 'least', '25 %', 'median', '75 %', 'most'],
        ['rows per series', ...five(lengths)],
        ['span of a series', ...five(spans)],
        ['gap between rows', ...five(gaps)],
      ],
      width,
    ),
    '',
    alignColumns(
      [
        ['channel', 'values', 'missing', 'mean', 'sd', 'least', '25 %', 'median', '75 %', 'most'],
        ...channels.map((channel) => [
          channel.channel,
          formatCount(channel.observed),
          formatPercent(channel.missing),
          formatValue(channel.mean),
          formatValue(channel.sd),
          ...five(channel),
        ]),
      ],
      width,
    ),
    ...(found.length === 0 ? [] : ['', 'Notes:', ...found.map((notice) => `  ${notice}`)]),
    ...(options.file === '-'
      ? []
      : ['', 'Next:', `  ${commandLine('latent-ode fit', [options.file], options, ['id', 'time', ...READING, 'values'], context.given)}`]),
  ].join('\n')
  return {
    document: {
      kind: 'data',
      file: options.file,
      idColumn: set.idColumn,
      timeColumn: set.timeColumn,
      time: set.time,
      ...description,
      fingerprint: fingerprint(set),
      notices: found,
    },
    text,
  }
}

async function inspectModel(path: string, { terminals: { out } }: Context): Promise<Outcome> {
  const { readModel } = await import('../../train/modelFile.js')
  const { modelSettings } = await import('../../report/settings.js')
  const { parameterCount } = await import('../../nn/parameters.js')
  const { ownParameters } = await import('../../model/stack.js')
  const { stat } = await import('node:fs/promises')
  const fitted = await readModel(path)
  const state = await trainingState(path)
  const { size } = await stat(path)
  const file: InspectedModel = { path, fitted, state, bytes: size, parameters: parameterCount(ownParameters(fitted.parameters)) }
  const text = [
    alignPairs([...modelPairs(file), ...(fitted.ensemble ? [] : describeCurves(fitted.history, CURVE, out.unicode))]),
    '',
    alignColumns(
      [
        ['channel', 'transform', 'mean', 'sd'],
        ...fitted.normalisation.channels.map(({ channel, transform, mean, sd }) => [
          channel,
          transform.kind,
          formatNumber(mean),
          formatNumber(sd),
        ]),
      ],
      out.columns,
    ),
    '',
    // What made it stands above.
    ...settingsText(modelSettings(fitted).filter(({ group }) => group !== 'Made by')),
  ].join('\n')
  return { document: modelDocument(file), text }
}

/** What the file of a model or a checkpoint holds. */
interface InspectedModel {
  readonly path: string
  readonly fitted: FittedModel
  /** Of a checkpoint, how far training has come. */
  readonly state: TrainingState | undefined
  readonly bytes: number
  readonly parameters: number
}

/** How far training has come if the file is a checkpoint; undefined if it is a finished model. */
async function trainingState(path: string): Promise<TrainingState | undefined> {
  const { readCheckpoint } = await import('../../train/checkpoint.js')
  try {
    return (await readCheckpoint(path)).state
  } catch (error) {
    if (error instanceof UserError && error.code === 'NoCheckpoint') return undefined
    throw error
  }
}

function modelDocument({ path, fitted, state, bytes, parameters }: InspectedModel): Outcome['document'] {
  const { split, history, model, training } = fitted
  const last = history.at(-1)
  return {
    kind: state === undefined ? 'model' : 'checkpoint',
    file: path,
    bytes,
    parameters,
    version: fitted.version,
    engine: fitted.engine,
    channels: fitted.channels,
    idColumn: fitted.idColumn,
    timeColumn: fitted.timeColumn,
    time: fitted.time,
    scale: fitted.scale,
    normalisation: fitted.normalisation,
    split: { train: split.train.length, validation: split.valid.length, test: split.test.length },
    epochs: history.length,
    keptEpoch: fitted.keptEpoch,
    ...(last !== undefined && { lastEpoch: last }),
    ...(fitted.ensemble && { members: membersDocument(fitted.ensemble), folds: fitted.ensemble.folds?.length ?? 1 }),
    ...(fitted.estimation && { estimation: fitted.estimation }),
    ...(state !== undefined && { training: { epoch: state.epoch, step: state.step, finished: state.ending !== undefined } }),
    options: { ...model, ...training },
    fingerprint: fitted.fingerprint,
  }
}

function modelPairs({ path, fitted, state, bytes, parameters }: InspectedModel): [string, string][] {
  const { split, time, idColumn, timeColumn, scale, version, engine } = fitted
  return [
    [
      'File',
      `${path}, a ${state === undefined ? 'fitted model' : `checkpoint after ${formatCount(state.step)} steps`} (${formatBytes(bytes)})`,
    ],
    ['Made by', `latent-ode ${version}, engine ${engine}`],
    ['Parameters', formatCount(parameters)],
    [
      'Series',
      `${formatCount(split.train.length)} to train on, ${formatCount(split.valid.length)} to validate, ` +
        `${formatCount(split.test.length)} to test`,
    ],
    [
      'Columns',
      `id ${idColumn === '' ? 'none' : JSON.stringify(idColumn)}, time ` +
        `${JSON.stringify(timeColumn)}${time.kind === 'number' ? '' : ` (${describeAxis(time)})`}`,
    ],
    ['Trained span', `${formatNumber(scale.span)}${time.kind === 'number' ? '' : ` ${time.unit}s`} from the first observation`],
    ...describeEstimation(fitted),
    ...(fitted.ensemble ? describeMembers(fitted.ensemble) : fitted.estimation ? [] : [trainingPair(fitted)]),
  ]
}

function trainingPair({ history, keptEpoch }: FittedModel): [string, string] {
  const last = history.at(-1)
  return [
    'Training',
    last === undefined
      ? 'none'
      : `${counted(history.length, 'epoch')}; at the end loss ${formatNumber(last.trainLoss)}, validation ` +
        `${formatNumber(last.validLoss)}; weights of epoch ${keptEpoch} kept`,
  ]
}

/** A time as people write it. Of numbers, the whole part and at least four digits, and as many more as tell the ends of the span apart. */
function timeText(axis: TimeAxis, time: number, span: number): string {
  if (axis.kind !== 'number') return formatTime(axis, time)
  if (!Number.isFinite(time)) return formatNumber(time)
  const size = (value: number): number => Math.floor(Math.log10(Math.abs(value))) + 1
  const digits = time === 0 ? 4 : Math.max(4, size(time), span > 0 ? size(time) - size(span) + 4 : 0)
  const text = Number(time.toPrecision(Math.min(15, digits)))
  return Math.abs(text) < 1e15 && (text === 0 || Math.abs(text) >= 1e-4) ? String(text) : text.toExponential()
}

function settingsText(settings: readonly Setting[]): string[] {
  const groups = [...new Set(settings.map(({ group }) => group ?? 'Settings'))]
  return groups.flatMap((group, i) => [
    ...(i === 0 ? [] : ['']),
    `${group}:`,
    alignPairs(settings.filter((setting) => (setting.group ?? 'Settings') === group).map(({ label, value }) => [`  ${label}`, value])),
  ])
}
