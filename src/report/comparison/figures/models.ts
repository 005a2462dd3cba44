import type { KeyEntry } from '../../figures/figure.js'
import type { Json, Row } from '../../specification.js'
import type { Palette } from '../../theme.js'
import type { ComparisonContents } from '../contents.js'

/** How the models are drawn: two colours, and dashes for those who do not see these apart. */
export const looks = (palette: Palette): { name: 'first' | 'second'; colour: string; dash: readonly number[] }[] => [
  { name: 'first', colour: palette.model, dash: [1, 0] },
  { name: 'second', colour: palette.other, dash: [5, 3] },
]

/** The two models, wherever lines stand for them. */
export const modelKey = ({ labels: [one, other] }: ComparisonContents, palette: Palette): KeyEntry[] => [
  { mark: 'line', colour: palette.model, label: one },
  { mark: 'dashed', colour: palette.other, label: other },
]

/** The two models, wherever a mark has the colour of the better one. */
export const betterKey = ({ labels: [one, other] }: Pick<ComparisonContents, 'labels'>, palette: Palette): KeyEntry[] => [
  { mark: 'circle', colour: palette.model, label: `${one} is better` },
  { mark: 'circle', colour: palette.other, label: `${other} is better` },
]

/** Data sets of both models, and a line for each. */
export const bothSets = ([first, second]: readonly (readonly Row[])[]): { [name: string]: Json } => ({ first: first!, second: second! })

export function bothLines(x: Json, y: Json, palette: Palette, interpolate = 'linear'): Json[] {
  return looks(palette).map(({ name, colour, dash }) => ({
    data: { name },
    mark: { type: 'line', color: colour, strokeDash: dash, strokeWidth: 2, interpolate, clip: true, tooltip: null },
    encoding: { x, y },
  }))
}
