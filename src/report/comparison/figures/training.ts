import type { EpochRecord } from '../../../train/records.js'
import { formatScore } from '../../format.js'
import { rounder, type Json, type Specification } from '../../specification.js'
import type { Palette } from '../../theme.js'
import { epochAxis, robustDomain } from '../../views/epochs.js'
import type { Both } from '../contents.js'
import type { ComparisonFigure } from '../figure.js'
import { bothLines, bothSets, modelKey } from './models.js'

/** The losses of both models over the epochs. */
export const training: ComparisonFigure = {
  section: 'training',
  draw(contents, { palette }) {
    const [first, second] = contents.training
    if (!first || !second) return []
    const histories = [first.history, second.history] as const
    const validated = histories.every((history) => history.some(({ validLoss }) => Number.isFinite(validLoss)))
    const last = histories.map((history) => formatScore(history.at(-1)!.trainLoss))
    return [
      {
        name: 'training',
        title: 'How training went',
        note: 'Negative ELBO per observed value; each model’s values are normalised by its own training series.',
        description:
          `Loss over the epochs. At the end, on the training series, it is ${last[0]} for ${contents.labels[0]} and ${last[1]} for ` +
          `${contents.labels[1]}.`,
        key: modelKey(contents, palette),
        columns: 2,
        panels: [
          { title: 'Training series', spec: historiesView(histories, 'trainLoss', palette) },
          ...(validated ? [{ title: 'Validation series', spec: historiesView(histories, 'validLoss', palette) }] : []),
        ],
      },
    ]
  },
}

/** One quantity of both training histories over the epochs. */
function historiesView(
  histories: Both<readonly EpochRecord[]>,
  quantity: keyof EpochRecord,
  palette: Palette,
  height = 200,
): Specification {
  const values = histories
    .flat()
    .map((record) => record[quantity])
    .filter(Number.isFinite)
  const round = rounder(values)
  const [low, high] = robustDomain(values)
  const x = epochAxis(histories.flat())
  const y: Json = {
    field: 'value',
    type: 'quantitative',
    title: null,
    scale: { zero: false, domainMin: low, domainMax: high, nice: false },
    axis: { tickCount: 5 },
  }
  return {
    width: 'container',
    height,
    datasets: bothSets(histories.map((history) => history.map((record) => ({ epoch: record.epoch, value: round(record[quantity]) })))),
    layer: bothLines(x, y, palette),
  }
}
