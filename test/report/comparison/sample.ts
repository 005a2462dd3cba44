import type { ComparedSetting, ComparisonContents } from '../../../src/report/comparison/contents.js'
import { compareScores } from '../../../src/report/comparison/score.js'
import type { SeriesView } from '../../../src/report/contents.js'
import { sampleContents, type SampleOptions } from '../sample.js'

/** A comparison of simulated models: the second is the first one's forecasts, moved and widened, with larger errors. */
export function sampleComparison(options: SampleOptions & { labels?: readonly [string, string] } = {}): ComparisonContents {
  const { labels = ['small', 'large'] } = options
  const [first, second] = [sampleContents(options), sampleContents({ ...options, error: (options.error ?? 1) * 1.3 })]
  const normalisation = first.data.channels.map(({ name }) => ({
    channel: name,
    transform: { kind: 'none' as const },
    mean: 0,
    sd: 1,
    rawMean: 0,
  }))
  const task = (name: 'interpolation' | 'extrapolation') => {
    const [a, b] = [first.evaluations[name]!, second.evaluations[name]!]
    // Simulated times are not shared between channels; the place in the list says which values belong together.
    const numbered = (points: typeof a.points) => points.map((point, i) => ({ ...point, time: i }))
    return compareScores([numbered(a.points), numbered(b.points)], [normalisation, normalisation], {
      task: a.scores.task,
      conditioning: a.conditioning,
    })!
  }
  const setting: ComparedSetting = { group: 'Model', label: 'Latents', values: ['2', '6'] }
  return {
    title: `${labels[0]} and ${labels[1]}`,
    generated: first.generated,
    version: first.version,
    files: { models: [`${labels[0]}.safetensors`, `${labels[1]}.safetensors`], data: first.files.data },
    labels,
    time: first.time,
    timeColumn: first.timeColumn,
    idColumn: first.idColumn,
    channels: first.data.channels.map(({ name }) => name),
    scoredOn: '47 series that neither model was fitted to',
    interpolation: task('interpolation'),
    extrapolation: task('extrapolation'),
    series: first.series.map((view) => ({ id: view.id, views: [view, moved(view)] })),
    training: [
      first.training,
      {
        ...second.training!,
        history: second.training!.history.map((record) => ({
          ...record,
          trainLoss: record.trainLoss + 0.2,
          validLoss: record.validLoss + 0.1,
        })),
      },
    ],
    settings: [setting],
    nameAll: true,
    notices: [],
  }
}

function moved(view: SeriesView): SeriesView {
  const scale = (factor: number) => (values: readonly number[]) => values.map((value) => value * factor)
  return {
    ...view,
    channels: view.channels.map((channel) => ({
      ...channel,
      prediction: {
        mean: scale(1.15)(channel.prediction.mean),
        q05: scale(1)(channel.prediction.q05),
        q25: scale(1.1)(channel.prediction.q25),
        q50: scale(1.15)(channel.prediction.q50),
        q75: scale(1.2)(channel.prediction.q75),
        q95: scale(1.35)(channel.prediction.q95),
      },
    })),
  }
}
