import type { Floats } from '../contest.js'
import type { Sizes } from '../problems.js'

/** Makes arrays of zeros of one kind of number. */
export type Zeros = (length: number) => Floats

/** A perceptron: parameters lie in `parameters` from `at` on, layer after layer, weights `[inputs, outputs]` before biases. */
export interface Net {
  readonly sizes: Sizes
  readonly parameters: Floats
  readonly at: number
}

/** The input and each layer's result for some rows, `[rows, width]` each: what the derivative needs. */
export type Tape = readonly Floats[]

export const newTape = (zeros: Zeros, sizes: Sizes, rows: number): Tape => sizes.map((width) => zeros(rows * width))

/** Runs the net on `tape[0]` and fills the rest of the tape; the result is the last entry. */
export function forward({ sizes, parameters, at }: Net, rows: number, tape: Tape): Floats {
  let weights = at
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const inputs = sizes[layer]!
    const outputs = sizes[layer + 1]!
    const x = tape[layer]!
    const y = tape[layer + 1]!
    const last = layer + 2 === sizes.length
    affine(parameters, weights, x, y, rows, inputs, outputs)
    if (!last) for (let i = 0; i < rows * outputs; i++) y[i] = Math.tanh(y[i]!)
    weights += (inputs + 1) * outputs
  }
  return tape[sizes.length - 1]!
}

// The products keep four sums in registers at a time: adding to an array in the innermost loop takes 2.5 times as long.

/** y = x W + b. */
function affine(parameters: Floats, weights: number, x: Floats, y: Floats, rows: number, inputs: number, outputs: number): void {
  const biases = weights + inputs * outputs
  for (let row = 0; row < rows; row++) {
    const from = row * inputs
    const to = row * outputs
    let j = 0
    for (; j + 3 < outputs; j += 4) {
      let [a, b, c, d] = [parameters[biases + j]!, parameters[biases + j + 1]!, parameters[biases + j + 2]!, parameters[biases + j + 3]!]
      for (let k = 0, w = weights + j; k < inputs; k++, w += outputs) {
        const factor = x[from + k]!
        a += factor * parameters[w]!
        b += factor * parameters[w + 1]!
        c += factor * parameters[w + 2]!
        d += factor * parameters[w + 3]!
      }
      y[to + j] = a
      y[to + j + 1] = b
      y[to + j + 2] = c
      y[to + j + 3] = d
    }
    for (; j < outputs; j++) {
      let sum = parameters[biases + j]!
      for (let k = 0; k < inputs; k++) sum += x[from + k]! * parameters[weights + k * outputs + j]!
      y[to + j] = sum
    }
  }
}

/** Arrays for cotangents on their way back through a net. */
export type Bars = readonly Floats[]

/**
 * Pulls the cotangent of the result, which is put into the last of `bars`, back to the input, into the first; adds
 * the gradient of the parameters to `gradient`, which is laid out like `parameters`, if there is one.
 */
export function backward({ sizes, parameters, at }: Net, rows: number, tape: Tape, bars: Bars, gradient?: Floats): Floats {
  let end = at
  for (let layer = 0; layer + 1 < sizes.length; layer++) end += (sizes[layer]! + 1) * sizes[layer + 1]!
  for (let layer = sizes.length - 2; layer >= 0; layer--) {
    const inputs = sizes[layer]!
    const outputs = sizes[layer + 1]!
    const weights = end - (inputs + 1) * outputs
    const bar = bars[layer + 1]!
    if (layer + 2 < sizes.length) {
      const h = tape[layer + 1]!
      for (let i = 0; i < rows * outputs; i++) bar[i]! *= 1 - h[i]! * h[i]!
    }
    if (gradient) addGradient(gradient, weights, tape[layer]!, bar, rows, inputs, outputs)
    pull(parameters, weights, bar, bars[layer]!, rows, inputs, outputs)
    end = weights
  }
  return bars[0]!
}

/** Adds xᵀ bar to the gradient of W, the sum of bar's rows to that of b. */
function addGradient(gradient: Floats, weights: number, x: Floats, bar: Floats, rows: number, inputs: number, outputs: number): void {
  const biases = weights + inputs * outputs
  for (let row = 0; row < rows; row++) for (let j = 0; j < outputs; j++) gradient[biases + j]! += bar[row * outputs + j]!
  if (rows === 1) {
    addOuterProduct(gradient, weights, x, bar, inputs, outputs)
    return
  }
  for (let k = 0; k < inputs; k++) {
    const to = weights + k * outputs
    let j = 0
    for (; j + 3 < outputs; j += 4) {
      let [a, b, c, d] = [0, 0, 0, 0]
      for (let row = 0, from = j; row < rows; row++, from += outputs) {
        const factor = x[row * inputs + k]!
        a += factor * bar[from]!
        b += factor * bar[from + 1]!
        c += factor * bar[from + 2]!
        d += factor * bar[from + 3]!
      }
      gradient[to + j]! += a
      gradient[to + j + 1]! += b
      gradient[to + j + 2]! += c
      gradient[to + j + 3]! += d
    }
    for (; j < outputs; j++) {
      let sum = 0
      for (let row = 0; row < rows; row++) sum += x[row * inputs + k]! * bar[row * outputs + j]!
      gradient[to + j]! += sum
    }
  }
}

function addOuterProduct(gradient: Floats, weights: number, x: Floats, bar: Floats, inputs: number, outputs: number): void {
  for (let k = 0; k < inputs; k++) {
    const factor = x[k]!
    const to = weights + k * outputs
    for (let j = 0; j < outputs; j++) gradient[to + j]! += factor * bar[j]!
  }
}

/** barX = bar Wᵀ. */
function pull(parameters: Floats, weights: number, bar: Floats, barX: Floats, rows: number, inputs: number, outputs: number): void {
  for (let row = 0; row < rows; row++) {
    const from = row * outputs
    const to = row * inputs
    let k = 0
    for (; k + 3 < inputs; k += 4) {
      let [a, b, c, d] = [0, 0, 0, 0]
      for (let j = 0, w = weights + k * outputs; j < outputs; j++, w++) {
        const factor = bar[from + j]!
        a += factor * parameters[w]!
        b += factor * parameters[w + outputs]!
        c += factor * parameters[w + 2 * outputs]!
        d += factor * parameters[w + 3 * outputs]!
      }
      barX[to + k] = a
      barX[to + k + 1] = b
      barX[to + k + 2] = c
      barX[to + k + 3] = d
    }
    for (; k < inputs; k++) {
      let sum = 0
      for (let j = 0; j < outputs; j++) sum += bar[from + j]! * parameters[weights + k * outputs + j]!
      barX[to + k] = sum
    }
  }
}
