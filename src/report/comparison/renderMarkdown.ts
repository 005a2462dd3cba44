import { escapeMarkdown as text, markdownTable } from '../markdown/escape.js'
import { joinParts, sectionsOf, signature } from '../markdown/renderMarkdown.js'
import { formatPercent, formatScore } from '../format.js'
import { counted } from '../headline.js'
import type { DrawnFigure, Figure } from '../figures/figure.js'
import { insideOfFigures } from '../inside.js'
import type { Both, ComparedTask, ComparisonContents } from './contents.js'
import type { ComparisonFigure } from './figure.js'
import { comparedTasks, comparisonHeadline, formatDifference, formatWins } from './headline.js'
import { comparisonNotices } from './notices.js'

/**
 * A comparison as Markdown, as GitHub shows it.
 *
 * @param pathOf where a figure lies, seen from the page
 */
export function renderComparisonMarkdown(
  contents: ComparisonContents,
  figures: readonly DrawnFigure[],
  pathOf: (figure: Figure) => string,
): string {
  const [first, ...others] = comparisonHeadline(contents)
  const { labels, settings } = contents
  const section = sectionsOf<ComparisonFigure['section']>(figures, pathOf)
  return joinParts([
    `# ${text(contents.title)}`,
    `**${text(first!)}** ${others.map(text).join(' ')}`.trim(),
    ...comparisonNotices(contents).map(({ kind, text: said }) => `> ${kind === 'warning' ? '**Warning.** ' : ''}${text(said)}`),
    ...section(
      'scores',
      '## Scores',
      comparedTasks(contents).map(({ title, compared }) => taskTable(title, compared, labels)),
    ),
    ...section('forecasts', '## The same series, both forecasts'),
    ...section('calibration', '## Calibration'),
    ...section('training', '## Training'),
    '## Settings that differ',
    settings.length === 0
      ? 'None: the models differ in their weights alone.'
      : markdownTable(
          ['', 'setting', ...labels.map(text)],
          settings.map(({ group, label, values }, i) => [
            group === settings[i - 1]?.group ? '' : `**${text(group)}**`,
            text(label),
            ...values.map(text),
          ]),
        ),
    '---',
    signature(contents.generated, contents.version, [...contents.files.models, contents.files.data], insideOfFigures(figures)),
  ])
}

function taskTable(title: string, task: ComparedTask, labels: Both<string>): string {
  const [a, b] = task.scores
  const rows = [
    ['mean squared error', formatScore(a.mse), formatScore(b.mse), formatDifference(task.mse)],
    ...(task.channels.length > 1
      ? task.channels.map(({ channel, scores: [one, other], mse }) => [
          `– ${text(channel)}`,
          formatScore(one.mse),
          formatScore(other.mse),
          formatDifference(mse),
        ])
      : []),
    ['neg. log-likelihood', formatScore(a.nll), formatScore(b.nll), formatDifference(task.nll)],
    ['in 50 % intervals', formatPercent(a.coverage['50']), formatPercent(b.coverage['50']), ''],
    ['in 90 % intervals', formatPercent(a.coverage['90']), formatPercent(b.coverage['90']), ''],
  ]
  const { linear, locf, mean } = task.baselines
  return joinParts([
    `### ${title}`,
    `${counted(task.points, 'value', 'values')} of ${counted(task.series, 'series', 'series')}; the models are given ` +
      `${text(task.conditioning)}. Differences are the second less the first, with 95 % intervals over series.`,
    markdownTable(['', ...labels.map((label) => `>${text(label)}`), '>difference'], rows),
    `For measure, the mean squared errors of plain baselines: ${linear === undefined ? '' : `linear interpolation ${formatScore(linear)}, `}` +
      `last value ${formatScore(locf)}, channel mean ${formatScore(mean)}. ${text(formatWins(task.mse, labels))}`,
  ]).trimEnd()
}
