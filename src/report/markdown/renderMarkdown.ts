import { baselinesOf } from '../../train/baselines.js'
import type { Scores } from '../../train/records.js'
import type { EvaluationView, ReportContents, Setting, TrainingSummary } from '../contents.js'
import { formatCount, formatNumber, formatPercent, formatRough, formatScore, formatShare } from '../format.js'
import { counted, headline, scored, shortNames } from '../headline.js'
import { beatsLast, inCell, lastValueInWords } from '../lastValue.js'
import { notices } from '../notices.js'
import { scoredTasks } from '../tasks.js'
import { methodsOf } from '../views/methods.js'
import { describeInside, insideOfFigures, type Inside } from '../inside.js'
import type { DrawnFigure, Figure, ReportFigure } from '../figures/figure.js'
import { firstOf } from '../figures/training.js'
import { escapeMarkdown as text, markdownImage, markdownTable } from './escape.js'

/**
 * A report as Markdown, as GitHub shows it: the headline in words, tables of scores beside the baselines, and the
 * figures, which are files of their own.
 *
 * @param pathOf where a figure lies, seen from the page
 */
export function renderMarkdown(contents: ReportContents, figures: readonly DrawnFigure[], pathOf: (figure: Figure) => string): string {
  const [first, ...others] = headline(contents)
  const tasks = scoredTasks(contents)
  const section = sectionsOf<ReportFigure['section']>(figures, pathOf)
  return joinParts([
    `# ${text(contents.title)}`,
    `**${text(first!)}** ${others.map(text).join(' ')}`.trim(),
    ...notices(contents).map(({ kind, text: said }) => `> ${kind === 'warning' ? '**Warning.** ' : ''}${text(said)}`),
    ...(tasks.length > 0 ? ['## Scores', ...tasks.map(({ title, view }) => scoreTable(title, view, contents))] : []),
    ...section('forecasts', '## Single series', [
      'The model is given the solid dots and has to predict the rest: the hollow ones were kept from it.',
    ]),
    ...section(
      'errors',
      '## Errors',
      [],
      tasks.map(({ title, view }) => channelTable(title, view)),
    ),
    ...section('calibration', '## Calibration'),
    ...section('latent', '## The latent space'),
    '## The data',
    dataSentence(contents),
    ...(contents.data.channels.length > 0 ? [channelFacts(contents)] : []),
    ...section('data', ''),
    ...section('training', '## Training', contents.training && [trainingSentence(contents.training)]),
    '## Model',
    settingsTable([{ label: 'Trained parameters', value: formatCount(contents.model.parameters) }, ...contents.model.settings]),
    ...(contents.solver ? ['### What the solver did', solverSentence(contents.solver)] : []),
    '---',
    signature(contents.generated, contents.version, [contents.files.model, contents.files.data], insideOfFigures(figures)),
  ])
}

/** The figures of a section under a heading, with what is said before and after them; nothing where there are none. */
export const sectionsOf =
  <Section extends string>(figures: readonly DrawnFigure[], pathOf: (figure: Figure) => string) =>
  (name: Section, heading: string, before: readonly string[] = [], after: readonly string[] = []): string[] => {
    const own = figures.filter(({ section }) => section === name).map((figure) => markdownImage(figure.description, pathOf(figure)))
    return own.length === 0 ? [] : [heading, ...before, ...own, ...after]
  }

export const joinParts = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`

/** What was made when, of which files, what of the data is in it, and whom it may be given to. */
export function signature(generated: string, version: string, files: readonly string[], inside: Inside): string {
  return (
    `Made ${text(generated.slice(0, 10))} by latent-ode ${text(version)} from ${files.map((file) => text(file)).join(', ')}. ` +
    `${text(describeInside(inside, 'This page and its figures hold'))}`
  )
}

/** The model and the baselines, one a line. */
function scoreTable(title: string, view: EvaluationView, contents: ReportContents): string {
  const { scores } = view
  const rows = methodsOf(scores.task).map(({ name, label }) => {
    const own = name === 'model'
    const cells = [
      text(label),
      formatScore(own ? scores.mse : scores.baselines[name]?.mse),
      own ? formatScore(scores.nll) : '',
      own ? formatPercent(scores.coverage['50']) : '',
      own ? formatPercent(scores.coverage['90']) : '',
    ]
    return own ? cells.map((cell) => `**${cell}**`) : cells
  })
  return joinParts([
    `### ${title}`,
    `${counted(scores.points, 'value', 'values')} of ${text(scored(view, contents))}, on the normalised scale; the model is given ` +
      `${text(view.conditioning)}.`,
    markdownTable(['', '>mean squared error', '>neg. log-likelihood', '>in 50 %', '>in 90 %'], rows),
  ]).trimEnd()
}

function channelTable(title: string, { scores }: EvaluationView): string {
  const channels = Object.entries(scores.channels)
  if (channels.length < 2) return ''
  const row = ([name, some]: readonly [string, Scores]): string[] => [
    text(name),
    formatCount(some.points),
    `**${formatScore(some.mse)}**`,
    ...baselinesOf(scores.task).map((baseline) => formatScore(some.baselines[baseline]?.mse)),
    inCell(some),
    formatScore(some.nll),
    formatPercent(some.coverage['90']),
  ]
  return joinParts([
    `${title}, by channel (mean squared errors). ${text(lastValueInWords(scores) ?? '')}`.trimEnd(),
    markdownTable(
      [
        'channel',
        '>values',
        '>this model',
        ...baselinesOf(scores.task).map((baseline) => `>${shortNames[baseline]}`),
        beatsLast,
        '>neg. log-likelihood',
        '>in 90 %',
      ],
      channels.map(row),
    ),
  ]).trimEnd()
}

function dataSentence({ data }: ReportContents): string {
  const { split } = data
  return (
    `${counted(data.series, 'series', 'series')} with ${counted(data.rows, 'row', 'rows')} and ` +
    `${counted(data.values, 'observed value', 'observed values')}.` +
    (split
      ? ` ${formatCount(split.train)} series were for training, ${formatCount(split.validation)} for validation and ` +
        `${formatCount(split.test)} for testing.`
      : '')
  )
}

function channelFacts({ data }: ReportContents): string {
  return markdownTable(
    ['channel', '>observed', '>missing', 'transform', '>lower quartile', '>median', '>upper quartile'],
    data.channels.map((channel) => [
      text(channel.name),
      formatCount(channel.observed),
      formatShare(channel.missing),
      text(channel.transform),
      ...[channel.lowerQuartile, channel.median, channel.upperQuartile].map(formatRough),
    ]),
  )
}

function trainingSentence({ history, keptEpoch, trainings }: TrainingSummary): string {
  const kept = history.find(({ epoch }) => epoch === keptEpoch)
  const loss = kept && Number.isFinite(kept.validLoss) ? `, where the validation loss was ${formatScore(kept.validLoss)}` : ''
  return `${trainings === undefined ? '' : firstOf(trainings)}${counted(history.length, 'epoch', 'epochs')}.${kept ? ` The weights of epoch ${kept.epoch} were kept${loss}.` : ''}`
}

function settingsTable(settings: readonly Setting[]): string {
  return markdownTable(
    ['', 'setting', 'value'],
    settings.map(({ group = '', label, value }, i) => [
      group === settings[i - 1]?.group ? '' : `**${text(group)}**`.replace('****', ''),
      text(label),
      text(value),
    ]),
  )
}

function solverSentence(solver: NonNullable<ReportContents['solver']>): string {
  const each = solver.solves > 0 ? ` (${formatNumber(solver.evaluations / solver.solves)} each)` : ''
  return (
    `Over ${text(solver.scope)}: ${counted(solver.solves, 'solve', 'solves')}, ` +
    `${counted(solver.evaluations, 'field evaluation', 'field evaluations')}${each}, ` +
    (`${formatCount(solver.accepted)} steps accepted, ${formatCount(solver.rejected)} rejected, ` +
      `${counted(solver.failed, 'solve', 'solves')} failed.`)
  )
}
