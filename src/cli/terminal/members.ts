import type { Ensemble } from '../../train/ensembleRecord.js'
import { counted, formatDuration, formatNumber } from './layout.js'

/** How several trainings went that one model is the average of, as lines of a summary. */
export function describeMembers({ members, folds }: Ensemble, seconds?: number): [name: string, text: string][] {
  const epochs = members.map(({ history }) => history.length)
  const losses = members.map(validLoss).filter(Number.isFinite)
  const span = (values: readonly number[], say: (value: number) => string): string => {
    const [least, most] = [say(Math.min(...values)), say(Math.max(...values))]
    return least === most ? least : `${least} to ${most}`
  }
  return [
    [
      'Averaged over',
      `${counted(members.length, 'training')}${folds ? ', each validated with a fold of the series and trained on the others' : ' that differ by their seed'}`,
    ],
    [
      'Training',
      `${span(epochs, String)} epochs each${seconds === undefined ? '' : `, ${formatDuration(seconds)}`}` +
        `${losses.length === 0 ? '' : `; validation ${span(losses, (loss) => formatNumber(loss))}`}`,
    ],
  ]
}

/** The same for programs. */
export const membersDocument = ({ members }: Ensemble): object[] =>
  members.map((member) => ({ seed: member.seed, epochs: member.history.length, keptEpoch: member.keptEpoch, validLoss: validLoss(member) }))

/** Of the epoch whose weights a member has. */
const validLoss = ({ history, keptEpoch }: Ensemble['members'][number]): number => history[keptEpoch - 1]?.validLoss ?? NaN
