import { models } from '../../model/models.js'
import { ownParameters } from '../../model/stack.js'
import { parameterCount } from '../../nn/parameters.js'
import type { TrainingSummary } from '../../report/contents.js'
import type { Figure } from '../../report/figures/figure.js'
import { formatCount, formatScore } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html } from '../../report/html.js'
import { modelSettings } from '../../report/settings.js'
import type { FittedModel } from '../../train/modelFile.js'
import { firstOf } from '../../report/figures/training.js'
import { figuresOf } from '../figures.js'
import type { Parts } from '../parts.js'
import { htmlTable } from './table.js'

/** A fitted model: what it is made of, and how training went. */
export function modelParts(fitted: FittedModel): Parts {
  const { kind, channels, split, history, keptEpoch, estimation, ensemble, parameters } = fitted
  const kept = history.find(({ epoch }) => epoch === keptEpoch)
  const settings = modelSettings(fitted).filter(({ group }) => group !== 'Training' && group !== 'Made by')
  return {
    body: html`<p><strong>${models[kind].label}</strong> of ${channels.join(', ')}: ${counted(parameterCount(ownParameters(parameters)), 'parameter', 'parameters')}, fitted to ${counted(split.train.length, 'series', 'series')} (${formatCount(split.valid.length)} more to validate, ${formatCount(split.test.length)} to test).
${kept === undefined ? (estimation ? 'It was estimated in one go.' : 'It was not trained.') : `${ensemble === undefined ? '' : firstOf(ensemble.members.length)}The weights are those of epoch ${kept.epoch} of ${history.length}: loss ${formatScore(kept.trainLoss)} in ` + `training${Number.isFinite(kept.validLoss) ? `, ${formatScore(kept.validLoss)} in validation` : ''} (negative ELBO per observed ` + 'value).'}</p>
<details><summary>Settings</summary>${htmlTable(
      ['', ''],
      settings.map(({ label, value }) => [label, value]),
    )}</details>`,
    figures: trainingFigures(fitted),
  }
}

/** The loss over the epochs. */
export const trainingFigures = (training: TrainingSummary): Figure[] => figuresOf(['training'], { training })
