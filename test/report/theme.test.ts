import { describe, expect, it } from 'vitest'
import { dark, light, type Palette } from '../../src/report/theme.js'

/** Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. */
const vision = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const

const linear = (colour: string): number[] =>
  [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
const seen = (colour: string, matrix: readonly (readonly number[])[]): number[] => {
  const rgb = linear(colour)
  return matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, i) => sum + weight * rgb[i]!, 0),
      ),
    ),
  )
}

/** CIE L*a*b* of linear RGB, white D65. */
function lab([r, g, b]: readonly number[]): [number, number, number] {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const x = f((0.4124 * r! + 0.3576 * g! + 0.1805 * b!) / 0.9505)
  const y = f(0.2126 * r! + 0.7152 * g! + 0.0722 * b!)
  const z = f((0.0193 * r! + 0.1192 * g! + 0.9505 * b!) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
const distance = (a: string, b: string, matrix: readonly (readonly number[])[]): number => {
  const [p, q] = [lab(seen(a, matrix)), lab(seen(b, matrix))]
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
}
const luminance = (colour: string): number => linear(colour).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i]!, 0)
const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((p, q) => p - q) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Colours that stand in one figure without a difference of shape, dash or place to help. */
const together: readonly (readonly (keyof Palette)[])[] = [
  ['model', 'heldout'],
  ['muted', 'model', 'heldout'],
  ['model', 'heldout', 'ink'],
]
/** Those that have shapes of their own as well. */
const shaped: readonly (keyof Palette)[] = ['model', 'linear', 'locf', 'mean']
const pairs = (names: readonly (keyof Palette)[]): (readonly [keyof Palette, keyof Palette])[] =>
  names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const))

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('the %s colours', (_, palette) => {
  // A difference of 2.3 can just be told side by side; 20 is told at a glance.
  it.each(Object.entries(vision))('are told apart with %s', (_, matrix) => {
    for (const [a, b] of together.flatMap(pairs)) expect(distance(palette[a], palette[b], matrix), `${a}, ${b}`).toBeGreaterThan(20)
    for (const [a, b] of pairs(shaped)) expect(distance(palette[a], palette[b], matrix), `${a}, ${b}`).toBeGreaterThan(8)
  })

  it('have a sequence that goes one way in lightness, for every eye', () => {
    for (const matrix of Object.values(vision)) {
      const lightness = (['s0', 's1', 's2', 's3', 's4', 's5', 's6'] as const).map((name) => lab(seen(palette[name], matrix))[0])
      lightness.slice(1).forEach((value, i) => expect(value - lightness[i]!, `s${i + 1}`).toBeGreaterThan(4))
    }
  })

  it('stand out from the surface: text by 4.5, marks by 3 (WCAG 2.2)', () => {
    for (const name of ['ink', 'muted'] as const) expect(contrast(palette[name], palette.surface), name).toBeGreaterThanOrEqual(4.5)
    for (const name of ['model', 'heldout', 'linear', 'locf', 'mean'] as const)
      expect(contrast(palette[name], palette.surface), name).toBeGreaterThanOrEqual(3)
  })
})
