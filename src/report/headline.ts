import type { EvaluationView, ReportContents } from './contents.js'
import { formatCount, formatPercent } from './format.js'

const baselineNames = { mean: 'the channel mean', locf: 'the last value carried forward', linear: 'linear interpolation' } as const

type Baseline = keyof typeof baselineNames

/** The baseline with the smallest error; undefined if none is known. */
export function bestBaseline({
  scores: {
    baselines: { mean, locf, linear },
  },
}: EvaluationView): { name: Baseline; label: string; mse: number } | undefined {
  return bestBaselineOf({ mean: mean.mse, locf: locf.mse, linear: linear.mse })
}

/** The same, of errors by baseline. */
export function bestBaselineOf(errors: Readonly<Record<Baseline, number>>): { name: Baseline; label: string; mse: number } | undefined {
  const known = (['linear', 'locf', 'mean'] as const)
    .map((name) => ({ name, label: baselineNames[name], mse: errors[name] }))
    .filter(({ mse }) => Number.isFinite(mse))
  return known.sort((a, b) => a.mse - b.mse)[0]
}

/** How the model's error compares with the best baseline's: `22 % below` and `linear interpolation`. */
export function compare(view: EvaluationView): { amount: string; than: string } | undefined {
  const best = bestBaseline(view)
  if (best === undefined || !Number.isFinite(view.scores.mse) || best.mse <= 0) return undefined
  const change = view.scores.mse / best.mse - 1
  const amount = Math.abs(change) < 0.005 ? 'level with' : `${formatPercent(Math.abs(change))} ${change < 0 ? 'below' : 'above'}`
  return { amount, than: best.label }
}

/** The comparison in words: `22 % below linear interpolation`. */
export function comparison(view: EvaluationView): string | undefined {
  const compared = compare(view)
  return compared && `${compared.amount} ${compared.than}`
}

/** Who was scored: `47 held-out series`. A file that the model was not fitted to has no parts that were held out. */
export function scored(view: EvaluationView, contents: ReportContents): string {
  const { series, split } = view.scores
  if (split === 'test') return `${formatCount(series)} held-out series`
  return contents.data.split
    ? `${formatCount(series)} series, those used in fitting among them`
    : `${formatCount(series)} series that are new to it`
}

/** The report in a sentence or two, with the key numbers. */
export function headline(contents: ReportContents): readonly string[] {
  const { interpolation, extrapolation } = contents.evaluations
  const sentences: string[] = []
  const filling = interpolation && compare(interpolation)
  const forecasting = extrapolation && compare(extrapolation)
  if (filling && forecasting && scored(interpolation, contents) === scored(extrapolation, contents)) {
    const again = filling.than === forecasting.than ? 'it' : forecasting.than
    sentences.push(
      `On ${scored(interpolation, contents)}, the model’s error is ${filling.amount} ${filling.than} when it fills gaps, and ` +
        `${forecasting.amount} ${again} when it looks ahead.`,
    )
  } else {
    if (filling)
      sentences.push(`On ${scored(interpolation, contents)}, the model’s error in filling gaps is ${filling.amount} ${filling.than}.`)
    if (forecasting)
      sentences.push(
        `On ${scored(extrapolation, contents)}, the model’s error in looking ahead is ${forecasting.amount} ${forecasting.than}.`,
      )
  }
  const coverages = [interpolation, extrapolation].flatMap((view) =>
    view && Number.isFinite(view.scores.coverage['90']) ? [formatPercent(view.scores.coverage['90'])] : [],
  )
  if (coverages.length > 0) {
    const unique = [...new Set(coverages)]
    sentences.push(`Its 90\u202f% intervals hold ${unique.join(' and ')} of the values${unique.length > 1 ? ', in that order' : ''}.`)
  }
  if (sentences.length > 0) return sentences
  const { series, channels, values } = contents.data
  return [
    `${contents.model.label} fitted to ${counted(series, 'series', 'series')} of ${counted(channels.length, 'channel', 'channels')}, ` +
      `${counted(values, 'value', 'values')} in all.`,
    'It has not been scored on held-out values in this report.',
  ]
}

/** `1 channel`, `7 channels`. */
export function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
