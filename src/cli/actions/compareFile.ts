import { basename } from 'node:path'
import { isStandardOutput } from '../../data/destination.js'
import type { Frame } from '../../data/frame.js'
import { framesToFile } from '../../data/writeFrames.js'
import type { ModelName } from '../../model/models.js'
import { rankings } from '../../report/models/contents.js'
import { formatAgainst, verdicts } from '../../report/models/words.js'
import type { CompareEvents, ModelComparison } from '../../train/compareModels.js'
import { meanSeconds } from '../../train/comparisonTable.js'
import type { Notice } from '../../train/notice.js'
import type { Ranked, Ranking } from '../../train/contest.js'
import { threadCount } from '../../train/threadCount.js'
import { version } from '../../version.js'
import type { Context, Outcome } from '../command.js'
import type { CompareCommandOptions } from '../commands/compare.js'
import { Interrupted, UsageError } from '../errors.js'
import { checkWritable, refuseTwoOutputs, writeOutput } from '../files/files.js'
import { readData } from '../files/readData.js'
import { withEngine } from '../options/engineOption.js'
import { listenForInterrupt } from '../terminal/interrupt.js'
import { alignColumns, counted, formatDuration, formatNumber, formatPercent } from '../terminal/layout.js'
import { showProgress, type Limits, type Progress, type Tellers } from '../terminal/progress.js'
import { timeOfReport } from './reportFormat.js'

/** Fits several models to a file, scores them on the same values, and says which does better and how sure that is. */
export async function compareFile(options: CompareCommandOptions, context: Context): Promise<Outcome> {
  const { data, out, title } = options
  refuseTwoOutputs(out, context)
  const page = out !== undefined && /\.html?$/i.test(out)
  if (title !== undefined && !page)
    throw new UsageError('Usage', '--title is that of a page. Name one with --out, as in --out models.html, or leave --title out.')
  if (out !== undefined) await checkWritable(out, [data])
  const read = await readData(data, options, context)
  const notices = read.notices.map((text): Notice => ({ kind: 'notice', text }))
  let teller: Tellers = context
  const interrupt = listenForInterrupt({ ...context, warn: (message) => teller.warn(message) }, 'Finishing the step, then stopping.')
  let comparison: ModelComparison
  try {
    comparison = await withEngine(options, context, async (running) => {
      const { compareModels } = await import('../../train/compareModels.js')
      const shown = showFits(options, context, (current) => (teller = current))
      try {
        return await compareModels(running, read.set, await wanted(options, context.given), {
          ...shown.events,
          threads: threadCount(options.threads, context.io.env),
          signal: interrupt.signal,
          onNotice(text, kind) {
            notices.push({ kind, text })
            teller[kind === 'warning' ? 'warn' : 'note'](text)
          },
        })
      } finally {
        shown.end()
      }
    })
  } finally {
    interrupt.end()
  }
  if (comparison.seeds.length === 0)
    throw new Interrupted('Interrupted before all models were fitted once, so there is nothing to compare. Nothing was written.')
  const text = describeComparison(comparison, data, context.terminals.out.columns)
  if (out !== undefined) await write(comparison, { ...options, out, page, notices }, context)
  return {
    document: { ...comparison, data, notices: notices.map(({ text }) => text), ...(out !== undefined && { out }) },
    text: out === undefined ? text : isStandardOutput(out) ? '' : `${text}\n\n${out} is written.`,
    ...(!comparison.finished && { exitCode: 130 }),
  }
}

/** The options of the comparison that were given. */
async function wanted(options: CompareCommandOptions, given: ReadonlySet<string>) {
  const { fitOptions } = await import('../../train/options.js')
  const keys = Object.keys(fitOptions.shape).filter((key) => key !== 'model' && given.has(key))
  return {
    ...Object.fromEntries(keys.map((key) => [key, options[key as keyof CompareCommandOptions]])),
    // Names that are none are told of where all others are known.
    ...(options.models && { models: options.models as ModelName[] }),
    seeds: options.seeds,
  }
}

/** Progress of one fit after the other; `tellBy` is told who tells meanwhile. */
function showFits({ epochs, patience }: CompareCommandOptions, context: Context, tellBy: (current: Tellers) => void) {
  let progress: Progress | undefined
  const end = (): void => {
    progress?.end()
    progress = undefined
    tellBy(context)
  }
  const show = (member?: Limits['member']): void => {
    progress?.end()
    progress = showProgress(context, { epochs, patience, ...(member && { member }) })
    tellBy(progress)
  }
  const events: Pick<CompareEvents, 'onFit' | 'onMember' | 'onStep' | 'onEpoch'> = {
    onFit({ model, seed, index, count }) {
      end()
      context.note(`Fit ${index + 1} of ${count}: ${model}, seed ${seed}.`)
      show()
    },
    onMember: (member) => show(member),
    onStep: (state, step) => progress?.step(state, step),
    onEpoch: (record, state) => progress?.epoch(record, state),
  }
  return { events, end }
}

async function write(
  comparison: ModelComparison,
  { data, out, page, title, notices }: CompareCommandOptions & { out: string; page: boolean; notices: readonly Notice[] },
  context: Context,
): Promise<void> {
  if (page) {
    const { renderModelComparison } = await import('../../report/models/renderPage.js')
    const name = data === '-' ? 'standard input' : basename(data)
    const generated = timeOfReport(context.io.env).toISOString()
    await writeOutput(
      out,
      [await renderModelComparison({ title: title ?? `Models of ${name}, compared`, data: name, generated, version, comparison, notices })],
      context,
    )
    return
  }
  const { frameOfComparison } = await import('../../train/comparisonTable.js')
  const frame: Frame = frameOfComparison(comparison)
  await writeOutput(out, await framesToFile(out, [frame], frame), context)
}

function describeComparison(comparison: ModelComparison, data: string, width: number): string {
  const { seeds, failures, finished } = comparison
  const tasks = rankings(comparison)
  const time = (model: string): string => formatDuration(meanSeconds(comparison, model).seconds)
  const marked = tasks.some(({ ranking: { winner } }) => winner.mse !== undefined || winner.nll !== undefined)
  return [
    `Compared on the test series of ${data}, ${seeds.length === 1 ? `seed ${seeds[0]!}` : `seeds ${seeds[0]!} to ${seeds.at(-1)!}`}` +
      `${finished ? '' : ' (interrupted: the others are left out)'}.`,
    ...failures.map(({ model, seed, message }) => `${model} is left out, seed ${seed}: ${message}`),
    ...(tasks.length === 0 ? ['No value was held out, so nothing is scored.'] : []),
    ...tasks.flatMap(({ title, shown, ranking }) => [
      '',
      `${title}: each model is shown ${shown}; ${counted(ranking.values, 'value')} of ${counted(ranking.series, 'series', 'series')}.`,
      tableOf(ranking, time, width),
      ...verdicts(ranking),
    ]),
    '',
    'MSE and NLL: mean squared error and negative log-likelihood on the normalised scale, with differences from the best and their ' +
      `95 % intervals over series.${marked ? ' The star marks what is better than all others by more than chance explains.' : ''} ` +
      'Time: to fit, on average.',
  ]
    .join('\n')
    .replaceAll('\u202f', ' ')
}

function tableOf(ranking: Ranking, time: (model: string) => string, width: number): string {
  const mark = (measure: 'mse' | 'nll', { model }: Ranked): string => (ranking.winner[measure] === model ? '*' : ' ')
  return alignColumns(
    [
      ['', 'MSE ', 'from the best', 'NLL ', 'from the best', 'in 50 %', 'in 90 %', 'time'],
      ...ranking.models.map((one) => [
        one.model,
        `${formatNumber(one.mse, 3)}${mark('mse', one)}`,
        formatAgainst(ranking, one, 'mse'),
        `${formatNumber(one.nll, 3)}${mark('nll', one)}`,
        formatAgainst(ranking, one, 'nll'),
        formatPercent(one.coverage['50']),
        formatPercent(one.coverage['90']),
        time(one.model),
      ]),
    ],
    width,
  )
}
