import { Normal } from '../../distribution/normal.js'
import { allFinite } from '../../engine/arrays.js'
import type { Forecaster, ParameterArrays, SamplePaths, SolverTotals } from '../sequenceModel.js'
import type { Baseline, Conditioned, Estimates } from './baseline.js'
import { baselineParameters } from './baselineParameters.js'
import { courseOf } from './course.js'

const noSolves: SolverTotals = { evaluations: 0, accepted: 0, rejected: 0, rows: 0, failed: 0, smallestStep: Infinity }

/** Makes a model of a baseline. It computes in this thread, in float64. */
export function createBaseline(name: string, baseline: Baseline, channels: number): Forecaster {
  return {
    name,
    specs: baselineParameters(baseline, channels),
    predict(parameters, shown, times) {
      const estimates = Array.from({ length: channels }, (_, channel) => ofChannel(baseline, parameters, channel))
      return times.map((asked, row) =>
        pathsOf(
          estimates.map((one, channel) => baseline.condition(one, courseOf(shown, row, channel))),
          asked,
        ),
      )
    },
  }
}

/** The part of the parameters that is a channel's. */
const ofChannel = ({ shapes }: Baseline, parameters: ParameterArrays, channel: number): Estimates =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, Float64Array.from(parameters[name]!.subarray(channel * size, (channel + 1) * size))]
    }),
  )

function pathsOf(channels: readonly Conditioned[], times: Float64Array): SamplePaths {
  const said = channels.map((one) => one.at(times))
  const joint = channels.every(({ draw }) => draw !== undefined)
  return {
    samples: 1,
    component: (_, time, channel) => new Normal(said[channel]!.means[time]!, said[channel]!.sds[time]!),
    finite: said.every(({ means, sds }) => allFinite(means) && allFinite(sds)),
    posterior: { mean: new Float64Array(0), sd: new Float64Array(0) },
    solver: noSolves,
    failed: false,
    ...(joint && {
      draw(_, stream, noise) {
        const courses = channels.map(({ draw }) => draw!(times, stream, noise))
        const out = new Float64Array(times.length * channels.length)
        courses.forEach((course, channel) => course.forEach((value, time) => (out[time * channels.length + channel] = value)))
        return out
      },
    }),
  }
}
