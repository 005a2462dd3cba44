import type { FloatArray } from '../engine/engine.js'
import type { Snapshot, TrainingState } from './state.js'
import { nothingTaken, TrainingFailure } from './trainingFailure.js'

/** Steps undone in a row of attempts before training gives up. */
const MOST_UNDONE = 20

export const copyWeights = <A extends FloatArray>(arrays: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, a.slice() as A]))

/** The state's weights, their average and the moments, in the memory of an older snapshot if there is one. */
function snapshot({ parameters, average, moments: { first, second }, updates }: Snapshot, into?: Snapshot): Snapshot {
  if (into === undefined)
    return {
      parameters: copyWeights(parameters),
      average: copyWeights(average),
      updates,
      moments: { first: copyWeights(first), second: copyWeights(second) },
    }
  for (const [from, to] of [
    [parameters, into.parameters],
    [average, into.average],
    [first, into.moments.first],
    [second, into.moments.second],
  ] as const) {
    for (const [name, array] of Object.entries(from)) to[name]!.set(array)
  }
  into.updates = updates
  return into
}

/** Makes the state what `update` makes of it, in the memory of the one before it; without an update it stays. */
export function takeStep(state: TrainingState, update: ((before: Snapshot, after: Snapshot) => void) | undefined): void {
  const { parameters, average, moments, updates } = state
  const before = { parameters, average, moments, updates }
  if (!update) state.previous = snapshot(before, state.previous)
  else {
    const after = state.previous ?? snapshot(before)
    update(before, after)
    Object.assign(state, after)
    state.previous = before
  }
}

/**
 * Moves the average of the weights (Polyak and Juditsky 1992) a step on: `decay` is what is kept of it, less at first, where
 * there is little to average.
 */
export function moveAverage(before: Snapshot, after: Snapshot, decay: number): void {
  const kept = Math.min(decay, (after.updates - 1) / (after.updates + 8))
  for (const [name, weights] of Object.entries(after.parameters)) {
    const [from, to] = [before.average[name]!, after.average[name]!]
    for (let i = 0; i < weights.length; i++) to[i] = kept * from[i]! + (1 - kept) * weights[i]!
  }
}

/** Goes back to the weights before the last update and makes further steps smaller. */
export function undoStep(state: TrainingState): void {
  if (state.previous) Object.assign(state, snapshot(state.previous))
  state.rateFactor /= 2
  state.undone++
  if (state.undone >= MOST_UNDONE) {
    if (state.updates === 0)
      throw new TrainingFailure(
        'NothingLearned',
        `${nothingTaken(state.step + 1)} The learning rate was halved as often. Nothing was learned, so there is no model.`,
      )
    throw new TrainingFailure(
      'Diverged',
      `The loss was not finite in ${state.undone} of ${state.step + 1} steps although the learning rate was halved each time.`,
    )
  }
}
