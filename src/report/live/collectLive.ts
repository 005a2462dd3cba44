import type { Series } from '../../data/series.js'
import { latentOdeParameters } from '../../model/latentOdeConfig.js'
import { graphsToJSON } from '../../model/graphs.js'
import { memberParameters } from '../../model/members.js'
import { stackParameters } from '../../model/stack.js'
import { traceLatentOde } from '../../model/traceLatentOde.js'
import { latentOdeOf, type FittedModel } from '../../train/modelFile.js'
import type { TimeScale } from '../../train/selection.js'
import { trainedRange } from '../../train/trainedRange.js'
import { encodeFloats } from './base64.js'
import type { LiveContents, LiveSeries } from './liveContents.js'

/** What a page needs to run the model on some series, whose channels are the model's. Nothing for a model that is no latent ODE. */
export function collectLive(
  fitted: FittedModel,
  series: readonly Series[],
  { samples, seed }: { readonly samples: number; readonly seed: number },
): LiveContents | undefined {
  const config = latentOdeOf(fitted)
  if (config === undefined) return undefined
  const { stack, ensemble } = fitted
  const own = latentOdeParameters(config)
  const specs = {
    ...(ensemble ? memberParameters(own, ensemble.members.length) : own),
    ...(stack && stackParameters(stack, fitted.channels.length)),
  }
  const parameters = Object.keys(specs).map((name) => fitted.parameters[name]!)
  const weights = new Float32Array(parameters.reduce((sum, { length }) => sum + length, 0))
  parameters.reduce((at, array) => (weights.set(array, at), at + array.length), 0)
  return {
    config,
    samples,
    seed,
    scale: scaleFor(fitted),
    graphs: graphsToJSON(traceLatentOde(config)),
    weights: encodeFloats(weights),
    normalisation: fitted.normalisation,
    ...(ensemble && { members: ensemble.members.length }),
    ...(fitted.weightPower !== undefined && { weightPower: fitted.weightPower }),
    ...(stack && { stack }),
    ...(fitted.calibration && { calibration: fitted.calibration }),
    series: series.map((one) => observationsOf(one, fitted.channels.length)),
  }
}

/** The model's clock. When training ended concerns only a model that goes by time itself, and no more of it than is shown. */
function scaleFor({ scale: { latest, ...scale } }: FittedModel): TimeScale {
  if (scale.origin === 'first' || latest === undefined) return scale
  return { ...scale, latest: trainedRange({ ...scale, latest }, scale.earliest).until }
}

function observationsOf({ id, times, values, mask }: Series, width: number): LiveSeries {
  const cells = Array.from(mask.keys()).filter((cell) => mask[cell] === 1)
  return {
    id,
    times: cells.map((cell) => times[Math.floor(cell / width)]!),
    channels: cells.map((cell) => cell % width),
    values: cells.map((cell) => values[cell]!),
  }
}
