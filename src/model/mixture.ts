import type { RandomStream } from '../random.js'
import { memberParameters, parametersOfMember } from './members.js'
import type { Forecaster, SamplePaths, SolverTotals } from './sequenceModel.js'

/**
 * Several models of one kind that were trained apart: a forecast is the mixture of theirs, each counting the same (an ensemble:
 * Lakshminarayanan, Pritzel and Blundell 2017). The samples asked for are shared out among the members, at least one each; how a
 * member weighs its own is its own matter. A member that cannot forecast a series is left out there.
 *
 * @param model what each of them is
 * @param members how many there are
 */
export function mixture(model: Forecaster, members: number): Forecaster {
  return {
    name: model.name,
    specs: memberParameters(model.specs, members),
    predict(parameters, shown, times, { samples, noise }) {
      // A row's stream goes on from member to member, so that each has noise of its own.
      const streams = new Map<number, RandomStream>()
      const noiseOf = (row: number): RandomStream => {
        const stream = streams.get(row) ?? noise(row)
        streams.set(row, stream)
        return stream
      }
      const said = Array.from({ length: members }, (_, member) =>
        model.predict(parametersOfMember(member, parameters), shown, times, { samples: share(samples, members, member), noise: noiseOf }),
      )
      return times.map((_, row) => mixedPaths(said.map((paths) => paths[row]!)))
    },
  }
}

/** How many of the samples are a member's. */
const share = (samples: number, members: number, member: number): number =>
  Math.max(1, Math.floor(samples / members) + (member < samples % members ? 1 : 0))

function mixedPaths(said: readonly SamplePaths[]): SamplePaths {
  const solver = said.map((paths) => paths.solver).reduce(together)
  const able = said.filter(({ failed, finite }) => !failed && finite)
  if (able.length === 0) return { ...(said.find(({ failed }) => !failed) ?? said[0]!), solver }
  // The members take turns, so that the first few samples, which courses are drawn from, are not all of one member.
  const most = Math.max(...able.map(({ samples }) => samples))
  const turns = Array.from({ length: most }, (_, sample) =>
    able.filter(({ samples }) => sample < samples).map((paths) => ({ paths, sample })),
  ).flat()
  const weighted = able.some(({ samples, weights }) => weights !== undefined || samples !== most)
  return {
    samples: turns.length,
    finite: true,
    component: (turn, time, channel) => turns[turn]!.paths.component(turns[turn]!.sample, time, channel),
    ...(weighted && {
      weights: Float64Array.from(turns, ({ paths: { samples, weights }, sample }) => (weights?.[sample] ?? 1 / samples) / able.length),
    }),
    ...(able.every(({ draw }) => draw !== undefined) && {
      draw: (turn: number, stream: RandomStream, withNoise: boolean) => turns[turn]!.paths.draw!(turns[turn]!.sample, stream, withNoise),
    }),
    // Each member has a latent space of its own.
    posterior: able[0]!.posterior,
    failed: false,
    solver,
  }
}

/** What two solves of the same rows cost together, one after the other. */
function together(a: SolverTotals, b: SolverTotals): SolverTotals {
  const error = a.error ?? b.error
  return {
    evaluations: a.evaluations + b.evaluations,
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    rows: a.rows + b.rows,
    failed: a.failed + b.failed,
    smallestStep: Math.min(a.smallestStep, b.smallestStep),
    ...(error && { error }),
  }
}
