import type { PlainBaseline } from '../train/baselines.js'
import { verdictOf } from '../train/againstBaseline.js'
import type { Scores } from '../train/records.js'
import type { EvaluationView, ReportContents } from './contents.js'
import { formatCount, formatPercent } from './format.js'

/** What the baselines are called in a sentence, and in a column. */
export const baselineNames: Readonly<Record<PlainBaseline, string>> = {
  mean: 'the channel mean',
  locf: 'the last value',
  linear: 'linear interpolation',
}
export const shortNames: Readonly<Record<PlainBaseline, string>> = { mean: 'channel mean', locf: 'last value', linear: 'linear' }

/** The baseline with the smallest error; undefined if none is known. */
export const bestBaseline = ({ scores: { baselines } }: { readonly scores: Scores }): ReturnType<typeof bestBaselineOf> =>
  bestBaselineOf({ mean: baselines.mean.mse, locf: baselines.locf.mse, linear: baselines.linear?.mse ?? NaN })

/** The same, of errors by baseline. */
export function bestBaselineOf(
  errors: Readonly<Record<PlainBaseline, number>>,
): { name: PlainBaseline; label: string; mse: number } | undefined {
  // Where nothing is shown all of them are the mean, and that is what it is called.
  const known = (['mean', 'linear', 'locf'] as const)
    .map((name) => ({ name, label: baselineNames[name], mse: errors[name] }))
    .filter(({ mse }) => Number.isFinite(mse))
  return known.sort((a, b) => a.mse - b.mse)[0]
}

/** How the model's error compares with the best baseline's. */
export interface Compared {
  /** `22 % below`, `level with`, or `no clear difference from`. */
  readonly amount: string
  /** `linear interpolation`. */
  readonly than: string
  /** `12 to 30 % below`; absent where it is not known. */
  readonly interval?: string
  /** Number of series, where they are too few for an interval. */
  readonly few?: number
  readonly verdict: ReturnType<typeof verdictOf>
}

/** How the model's error compares with the best baseline's; undefined where one of them is not known. */
export function compare(view: { readonly scores: Scores }): Compared | undefined {
  const best = bestBaseline(view)
  if (best === undefined || !Number.isFinite(view.scores.mse) || best.mse <= 0) return undefined
  const change = view.scores.mse / best.mse - 1
  const found = { than: best.label, amount: Math.abs(change) < 0.005 ? 'level with' : side(change) }
  const { against } = view.scores
  if (against === undefined) return { ...found, verdict: verdictOf({ low: change, high: change }) }
  const { low, high, series } = against
  if (!Number.isFinite(low + high)) return { ...found, few: series, verdict: 'unclear' }
  const verdict = verdictOf(against)
  return { ...found, ...(verdict === 'unclear' && { amount: noDifference }), interval: range(low, high), verdict }
}

const noDifference = 'no clear difference from'

/** `22 % below`. */
const side = (change: number): string => `${formatPercent(Math.abs(change))} ${change < 0 ? 'below' : 'above'}`

/** `12 to 30 % below`, `15 % below to 6 % above`. */
function range(low: number, high: number): string {
  if (low < 0 !== high < 0) return `${side(low)} to ${side(high)}`
  const [near, far] = [low, high].sort((a, b) => Math.abs(a) - Math.abs(b)) as [number, number]
  return `${formatPercent(Math.abs(near)).replace(/\s*%$/u, '')} to ${side(far)}`
}

/** The comparison in words: `22 % below linear interpolation (95 % interval: 12 to 30 % below)`. */
export function comparison(view: { readonly scores: Scores }): string | undefined {
  const compared = compare(view)
  return compared && `${shortly(compared)}${inBrackets(compared)}`
}

/** The comparison without its interval, where there is little room. */
export const shortly = ({ amount, than }: Compared): string => `${amount} ${than}`

function inBrackets({ interval, few }: Compared): string {
  if (interval !== undefined) return ` (95\u202f% interval: ${interval})`
  return few === undefined ? '' : ` (${counted(few, 'series', 'series')}, too few for an interval)`
}

/** The comparison with its verb, as after `the model’s error`: `is 22 % below linear interpolation`, and its interval in brackets. */
export const sentencePart = (compared: Compared): string => `${verdict(compared)}${inBrackets(compared)}`

const verdict = (compared: Compared): string => `${compared.amount === noDifference ? 'shows' : 'is'} ${shortly(compared)}`

/** How sure the differences are, in a sentence. */
function howSure(compared: readonly Compared[]): string[] {
  const intervals = compared.flatMap(({ interval }) => (interval === undefined ? [] : [interval]))
  const [few] = compared.flatMap((one) => (one.few === undefined ? [] : [one.few]))
  if (intervals.length > 0)
    return [
      `By ${intervals.length > 1 ? '' : 'a '}95\u202f% interval${intervals.length > 1 ? 's' : ''} over series, ` +
        `${intervals.length > 1 ? 'these are' : 'this is'} ${intervals.join(', and ')}.`,
    ]
  return few === undefined ? [] : [`${counted(few, 'series is', 'series are')} too few to say how much of that is chance.`]
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
    const again = forecasting.than === filling.than ? { ...forecasting, than: 'it' } : forecasting
    const ahead = verdict(again)
    const verb = ahead.split(' ', 1)[0]!
    sentences.push(
      `On ${scored(interpolation, contents)}, the model’s error ${verdict(filling)} when it fills gaps, and ` +
        `${verdict(filling).startsWith(verb) ? ahead.slice(verb.length + 1) : ahead} when it looks ahead.`,
    )
  } else {
    if (filling) sentences.push(`On ${scored(interpolation, contents)}, the model’s error in filling gaps ${verdict(filling)}.`)
    if (forecasting) sentences.push(`On ${scored(extrapolation, contents)}, the model’s error in looking ahead ${verdict(forecasting)}.`)
  }
  sentences.push(...howSure([filling, forecasting].filter((one) => one !== undefined)))
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
