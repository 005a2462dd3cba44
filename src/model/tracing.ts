import * as tf from '@tensorflow/tfjs-core'
import { trace } from '../graph/trace.js'
import { gaussianLogDensity, klToStandardNormal } from '../nn/gaussian.js'
import { gruCell } from '../nn/gru.js'
import { dense, mlp } from '../nn/mlp.js'
import { vectorField } from '../ode/vectorField.js'

/**
 * What parts of models write themselves down with. It is given to them: a part that imported TensorFlow.js could not run in a page,
 * where a model is made from Graphs that were written down before.
 */
export const tracing = { tf, trace, vectorField, dense, mlp, gruCell, gaussianLogDensity, klToStandardNormal }

export type Tracing = typeof tracing
