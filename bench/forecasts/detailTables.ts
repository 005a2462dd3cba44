import { bootstrapRatios } from '../../src/train/bootstrap.js'
import type { Cell } from './cell.js'
import type { Coverage } from './details.js'
import { estimate, percent, table } from './markdown.js'

/** How a model does where few rows are shown, and far ahead: a line for each set. @param cells of one model, some of each set */
export function detailTables(cells: readonly (readonly Cell[])[]): string {
  const some = cells.filter((ofSet) => ofSet.length > 0)
  return `## From few rows

Filling gaps where only a fraction of the rows of each test series is shown: the mean squared error by that of the channel's mean, with 95 % intervals.

${table(['set', ...fractionsOf(some).map((shown) => `${percent(shown)} shown`)], some.map(fewerShown))}

## Far ahead

How much of what is held out lies in the central 50 and 90 % intervals, in each third of the time beyond the known rows.

${table(['set', 'first third', 'second', 'last'], some.map(thirds))}
`
}

const fractionsOf = (cells: readonly (readonly Cell[])[]): number[] => cells[0]?.[0]?.details.fewerShown.map(({ shown }) => shown) ?? []

function fewerShown(cells: readonly Cell[]): string[] {
  const fractions = fractionsOf([cells])
  return [
    cells[0]!.set,
    ...fractions.map((_, i) => {
      const bySeries = new Map<string, { numerator: number; denominator: number }>()
      for (const { id, squares, meanSquares } of cells.flatMap(({ details }) => details.fewerShown[i]!.series)) {
        const { numerator, denominator } = bySeries.get(id) ?? { numerator: 0, denominator: 0 }
        bySeries.set(id, { numerator: numerator + squares, denominator: denominator + meanSquares })
      }
      const shares = [...bySeries.values()].map((share) => [share])
      return estimate(bootstrapRatios(shares)[0]!)
    }),
  ]
}

function thirds(cells: readonly Cell[]): string[] {
  return [
    cells[0]!.set,
    ...[0, 1, 2].map((third) => {
      const add = (of: keyof Coverage): number => cells.reduce((sum, { details }) => sum + details.thirds[third]![of], 0)
      const values = add('values')
      return values === 0 ? '–' : `${percent(add('in50') / values)}, ${percent(add('in90') / values)} of ${values.toLocaleString('en-US')}`
    }),
  ]
}
