import type { Engine } from '../../engine/engine.js'
import { pickSeries } from '../../data/batch.js'
import { findSeries } from '../../data/findSeries.js'
import { fingerprint } from '../../data/fingerprint.js'
import { listNames, quote } from '../../data/place.js'
import type { Series, SeriesSet } from '../../data/series.js'
import { cutWindows } from '../../data/windows.js'
import { UserError } from '../../errors.js'
import { countTrainedOn } from '../../train/evaluate.js'
import { withChannels } from '../../train/forecast.js'
import type { FittedModel } from '../../train/modelFile.js'
import { collectReport, type CollectOptions } from '../collect.js'
import type { Notice } from '../../train/notice.js'
import type { ReportContents, Setting } from '../contents.js'
import { formatCount } from '../format.js'
import { counted } from '../headline.js'
import { compareScores, differentlyTransformed } from './score.js'
import type { Both, ComparedSeries, ComparedSetting, ComparedTask, ComparisonContents } from './contents.js'

/** What a comparison shows. */
export interface CompareOptions extends Omit<CollectOptions, 'files'> {
  /** Names of the files as the reader knows them. */
  readonly files: { readonly models: Both<string>; readonly data: string }
  /** What the models are called; default their files without endings. */
  readonly names?: Both<string>
}

/**
 * Runs two models on the same series, which neither has seen, and gathers what a report on both shows.
 *
 * @throws UserError `DifferentChannels`, `DifferentTimes`, `DifferentWindows`,
 *   `NoSharedTest`; `TrainedOn` where a series to draw is not among
 *   those that neither has seen
 */
export function collectComparison(engine: Engine, models: Both<FittedModel>, data: SeriesSet, options: CompareOptions): ComparisonContents {
  const {
    files,
    names: labels = shortNames(files.models),
    title = `${labels[0]} and ${labels[1]}, compared on ${files.data}`,
    all = false,
    ids,
    ...rest
  } = options
  checkAlike(models, files.models)
  const set = cutWindows(withChannels(data, models[0].channels, files.data), models[0].windows)
  const fittedTo = models.map((model) => fingerprint(withChannels(data, model.channels, files.data)) === model.fingerprint) as [
    boolean,
    boolean,
  ]
  const shared = all ? set.series : unseenByBoth(set, models, fittedTo)
  if (shared.length === 0) {
    throw new UserError(
      'NoSharedTest',
      `No series of ${files.data} was kept for testing by both models, so there is none to compare them on. Fit both with the same ` +
        '--seed and --test-fraction, use data that neither has seen, or say --all to compare them on what they were trained on.',
    )
  }
  const scorable = pickSeries(
    set,
    shared.map(({ id }) => id),
  )
  const drawn = ids && checkDrawn(findSeries(set, ids, files.data), shared, files.data)
  const [first, second] = models.map((model, i) =>
    collectReport(engine, model, scorable, {
      ...rest,
      all: true,
      files: { model: files.models[i]!, data: files.data },
      ...(drawn && { ids: drawn }),
    }),
  ) as [ReportContents, ReportContents]
  const normalisations = [models[0].normalisation.channels, models[1].normalisation.channels] as const
  const task = (name: 'interpolation' | 'extrapolation'): ComparedTask | undefined => {
    const [a, b] = [first.evaluations[name], second.evaluations[name]]
    return a && b && compareScores([a.points, b.points], normalisations, { task: name, conditioning: a.conditioning })
  }
  const [interpolation, extrapolation] = [task('interpolation'), task('extrapolation')]
  return {
    title,
    generated: first.generated,
    version: first.version,
    files,
    labels,
    time: first.time,
    timeColumn: first.timeColumn,
    idColumn: first.idColumn,
    channels: set.channels,
    scoredOn: all
      ? counted(shared.length, 'series', 'series')
      : `${counted(shared.length, 'series', 'series')} that neither model was fitted to`,
    ...(interpolation && { interpolation }),
    ...(extrapolation && { extrapolation }),
    series: sameSeries(first, second),
    training: [first.training, second.training],
    settings: differingSettings(first, second),
    nameAll: options.nameAll ?? false,
    notices: [
      ...models.flatMap((model, i) => familiarity(model, labels[i]!, shared, fittedTo[i]!, all)),
      ...selection(set, models, fittedTo, shared, all),
      ...scales(normalisations, labels[0]),
    ],
  }
}

/** `small` and `large` of `fits/small.model.safetensors` and `fits/large.model.safetensors`; paths where the names are one. */
function shortNames(paths: Both<string>): Both<string> {
  const short = paths.map((path) => path.replace(/^.*[\\/]/, '').replace(/(\.model)?\.safetensors$/i, '')) as [string, string]
  return short[0] === short[1] ? paths : short
}

function checkAlike([first, second]: Both<FittedModel>, [one, other]: Both<string>): void {
  const [fewer, more] = [
    first.channels.filter((name) => !second.channels.includes(name)),
    second.channels.filter((name) => !first.channels.includes(name)),
  ]
  if (fewer.length + more.length > 0) {
    const lacks = (file: string, names: readonly string[]): string[] =>
      names.length === 0 ? [] : [`${file} does not know ${listNames(names)}`]
    throw new UserError(
      'DifferentChannels',
      `The models cannot be compared, since their channels differ: ${[...lacks(other, fewer), ...lacks(one, more)].join('; ')}. Fit ` +
        'both to the same columns (--values).',
    )
  }
  if (JSON.stringify(first.windows) !== JSON.stringify(second.windows)) {
    const cut = ({ windows }: FittedModel): string =>
      windows === undefined ? 'whole series' : `windows of ${windows.rows} rows, one every ${windows.stride}`
    throw new UserError(
      'DifferentWindows',
      `The models cannot be compared, since they were fitted to series that were cut in different ways: ${one} to ${cut(first)}, ` +
        `${other} to ${cut(second)}. Fit both with the same --window and --stride.`,
    )
  }
  if (countOf(first) !== countOf(second)) {
    throw new UserError(
      'DifferentTimes',
      `The models cannot be compared, since they count time in different ways: ${one} ${describeTime(first)}, ${other} ` +
        `${describeTime(second)}. Fit both to the same file.`,
    )
  }
}

const describeTime = ({ time }: FittedModel): string =>
  time.kind === 'number' ? 'in numbers' : `in ${time.unit}s${time.kind === 'date' ? ` since ${time.epoch.slice(0, 10)}` : ''}`

/** What numbers on the axis mean, however times are written. */
const countOf = ({ time }: FittedModel): string =>
  JSON.stringify([time.kind, ...(time.kind === 'number' ? [] : [time.unit]), ...(time.kind === 'date' ? [Date.parse(time.epoch)] : [])])

/** Series that each model kept for testing or, where it was fitted to other data, that are new to it. */
function unseenByBoth(set: SeriesSet, models: Both<FittedModel>, fittedTo: Both<boolean>): readonly Series[] {
  return models.reduce<readonly Series[]>((left, { split }, i) => {
    const test = new Set(split.test)
    return fittedTo[i] === true ? left.filter(({ id }) => test.has(id)) : left
  }, set.series)
}

function checkDrawn(wanted: readonly Series[], shared: readonly Series[], file: string): string[] {
  const fair = new Set(shared)
  const seen = wanted.find((series) => !fair.has(series))
  if (seen)
    throw new UserError(
      'TrainedOn',
      `${file}: one of the models was fitted to the series ${quote(seen.id)}, so it cannot be used to compare them. Name others, such as ${listNames(
        shared.map(({ id }) => id),
        6,
      )}, or say --all.`,
    )
  return wanted.map(({ id }) => id)
}

/** What a reader must know of series that a model may have been trained on. */
function familiarity(model: FittedModel, label: string, shared: readonly Series[], fittedTo: boolean, all: boolean): Notice[] {
  const count = countTrainedOn(model, shared)
  if (count === 0) return []
  if (fittedTo && all)
    return [
      {
        kind: 'warning',
        text: `${label} was fitted to ${formatCount(count)} of the ${formatCount(shared.length)} series: the scores flatter it.`,
      },
    ]
  return [
    {
      kind: 'warning',
      text:
        `${label} was fitted to another file, with ${formatCount(count)} series of the same ids. If they are the same series, the ` +
        'scores flatter it.',
    },
  ]
}

function selection(set: SeriesSet, models: Both<FittedModel>, fittedTo: Both<boolean>, shared: readonly Series[], all: boolean): Notice[] {
  if (all || !(fittedTo[0] || fittedTo[1])) return []
  const kept = models.map(({ split }, i) => (fittedTo[i] === true ? split.test.length : set.series.length)) as [number, number]
  if (kept[0] === shared.length && kept[1] === shared.length) return []
  return [
    {
      kind: 'notice',
      text:
        `Of the series that are new to them, ${formatCount(kept[0])} and ${formatCount(kept[1])}, the models share ` +
        `${formatCount(shared.length)}; only these are scored.`,
    },
  ]
}

function scales(normalisations: Parameters<typeof differentlyTransformed>[0], first: string): Notice[] {
  const channels = differentlyTransformed(normalisations)
  if (channels.length > 0) {
    return [
      {
        kind: 'notice',
        text:
          `The models transform ${listNames(channels)} in different ways. Errors there are in the data’s own units, divided by the ` +
          'standard deviation of the values scored.',
      },
    ]
  }
  const [one, other] = normalisations
  const equal = one.every(({ channel, mean, sd }) =>
    other.some((candidate) => candidate.channel === channel && candidate.mean === mean && candidate.sd === sd),
  )
  return equal
    ? []
    : [
        {
          kind: 'notice',
          text:
            'The models were fitted to different series and so normalise values in different ways. All scores are on the scale of ' +
            `${first}.`,
        },
      ]
}

/** Series that both models have a forecast of, channels in the first model's order. */
function sameSeries(first: ReportContents, second: ReportContents): ComparedSeries[] {
  return first.series.flatMap((one): ComparedSeries[] => {
    const other = second.series.find(({ id }) => id === one.id)
    if (other === undefined) return []
    const channels = one.channels.map(({ channel }) => other.channels.find((view) => view.channel === channel)!)
    return [{ id: one.id, views: [one, { ...other, channels }] }]
  })
}

function differingSettings(first: ReportContents, second: ReportContents): ComparedSetting[] {
  const settingsOf = ({ model, training }: ReportContents): Setting[] => [
    { label: 'Trained parameters', value: formatCount(model.parameters) },
    ...model.settings,
    ...(training
      ? [
          { group: 'Training', label: 'Epochs run', value: formatCount(training.history.length) },
          { group: 'Training', label: 'Epoch kept', value: formatCount(training.keptEpoch ?? NaN) },
        ]
      : []),
  ]
  const [mine, theirs] = [settingsOf(first), settingsOf(second)]
  const value = (list: readonly Setting[], { group, label }: Setting): string =>
    list.find((other) => other.group === group && other.label === label)?.value ?? '–'
  const rows = [...mine, ...theirs.filter((setting) => value(mine, setting) === '–')]
  const groups = [...new Set(rows.map(({ group }) => group))]
  return groups
    .flatMap((group) => rows.filter((setting) => setting.group === group))
    .map((setting) => ({
      group: setting.group ?? 'Size',
      label: setting.label,
      values: [value(mine, setting), value(theirs, setting)] as const,
    }))
    .filter(({ values: [a, b] }) => a !== b)
}
