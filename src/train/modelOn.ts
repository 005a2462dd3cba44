import type { Engine } from '../engine/engine.js'
import { createForecaster } from '../model/createModel.js'
import { mixture } from '../model/mixture.js'
import { stacked } from '../model/stacked.js'
import type { Forecaster } from '../model/sequenceModel.js'
import { tempered } from '../model/tempered.js'
import { setupOf, type FittedModel } from './modelFile.js'

const made = new WeakMap<Engine, WeakMap<FittedModel, Forecaster>>()

/** The model of a fitted one on an engine. It is traced and compiled once, as that takes longer than most forecasts do. */
export function modelOn(engine: Engine, fitted: FittedModel): Forecaster {
  let ofEngine = made.get(engine)
  if (ofEngine === undefined) made.set(engine, (ofEngine = new WeakMap()))
  let model = ofEngine.get(fitted)
  if (model === undefined) ofEngine.set(fitted, (model = forecasterOf(engine, fitted)))
  return model
}

function forecasterOf(engine: Engine, fitted: FittedModel): Forecaster {
  const one = tempered(createForecaster(engine, setupOf(fitted)), fitted.weightPower ?? 1)
  const own = fitted.ensemble ? mixture(one, fitted.ensemble.members.length) : one
  return fitted.stack ? stacked(own, fitted.stack, fitted.channels.length) : own
}
