import { constant, glorot, type ParameterSpecs } from './parameters.js'

/**
 * Parameters `<name>.w0`, `<name>.b0`, … of a multilayer perceptron with layers of the given sizes, input first.
 *
 * @param outputGain scale of the last layer's starting weights; small ones start a vector field near rest
 */
export function mlpParameters(name: string, sizes: readonly number[], { outputGain = 1 } = {}): ParameterSpecs {
  const specs: Record<string, ParameterSpecs[string]> = {}
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const last = layer + 2 === sizes.length
    specs[`${name}.w${layer}`] = { shape: [sizes[layer]!, sizes[layer + 1]!], initialise: glorot(last ? outputGain : 1) }
    specs[`${name}.b${layer}`] = { shape: [sizes[layer + 1]!], initialise: constant(0) }
  }
  return specs
}

/** Parameters of a gated recurrent unit that reads `inputs` numbers and keeps a state of `units`. */
export const gruParameters = (name: string, inputs: number, units: number): ParameterSpecs => ({
  [`${name}.gates.w`]: { shape: [inputs + units, 2 * units], initialise: glorot() },
  [`${name}.gates.b`]: { shape: [2 * units], initialise: constant(0) },
  [`${name}.candidate.w`]: { shape: [inputs + units, units], initialise: glorot() },
  [`${name}.candidate.b`]: { shape: [units], initialise: constant(0) },
})
