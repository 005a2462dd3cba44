import { errorFunction } from 'simple-statistics'
import type { RandomStream } from '../random.js'
import { checkProbability, type Distribution, type Moments, type Units } from './distribution.js'

/** Standard normal distribution function (absolute error below 1.5e-7). */
export const normalCdf = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2

/** N(mean, sd²). */
export class Normal implements Distribution {
  constructor(
    readonly mean: number,
    readonly sd: number,
  ) {}

  cdf(x: number): number {
    return normalCdf((x - this.mean) / this.sd)
  }

  quantile(probability: number): number {
    checkProbability(probability)
    return this.mean + this.sd * standardNormalQuantile(probability)
  }

  logDensity(x: number): number {
    return -0.5 * ((x - this.mean) / this.sd) ** 2 - Math.log(this.sd) - 0.5 * Math.log(2 * Math.PI)
  }

  sample(stream: RandomStream): number {
    return this.mean + this.sd * stream.normal()
  }

  /** Under a logarithm it is log-normal, with mean `exp(m + s²/2)` and variance `(exp(s²) − 1) exp(2m + s²)`. */
  momentsIn({ shift, scale, log }: Units): Moments {
    const mean = shift + scale * this.mean
    const sd = scale * this.sd
    if (log === undefined) return { mean, sd }
    const grown = Math.exp(mean + sd ** 2 / 2)
    return { mean: grown - log.offset, sd: Math.sqrt(Math.expm1(sd ** 2)) * grown }
  }
}

/** Quantile of N(0, 1), exact to 16 digits: algorithm AS 241 (Wichura, 1988). */
export function standardNormalQuantile(probability: number): number {
  const q = probability - 0.5
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, central)
  const r = Math.sqrt(-Math.log(q < 0 ? probability : 1 - probability))
  const tail = r <= 5 ? ratio(r - 1.6, outer) : ratio(r - 5, far)
  return q < 0 ? -tail : tail
}

type Ratio = readonly [numerator: readonly number[], denominator: readonly number[]]

const ratio = (x: number, [numerator, denominator]: Ratio): number => polynomial(x, numerator) / polynomial(x, denominator)

/** The highest power first. */
const polynomial = (x: number, coefficients: readonly number[]): number => coefficients.reduce((sum, c) => sum * x + c, 0)

const central: Ratio = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513, 133.14166789178438,
    3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579, 42.31333070160091,
    1,
  ],
]
const outer: Ratio = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691,
    4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038,
    2.053191626637759, 1,
  ],
]
const far: Ratio = [
  [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487, 1.7848265399172913,
    5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358,
    0.599832206555888, 1,
  ],
]
