import type { NumberColumn, TextColumn } from './columns.js'
import type { Censored } from './numbers/readNumbers.js'
import { plural, quote } from './place.js'

/** A value of which only a limit is known, by its row and, in wide tables, its column. */
export interface CensoredCell extends Censored {
  readonly channel: string
}

/** For each channel with values beyond a limit: how many, and what is lost by taking them as missing. */
export function describeCensored(
  values: readonly NumberColumn[],
  channel: TextColumn | undefined,
  censored: readonly CensoredCell[],
  lineOf: (row: number) => number,
  unit: 'line' | 'row',
): string[] {
  return [...new Set(censored.map((cell) => cell.channel))].map((name) => {
    const cells = censored.filter((cell) => cell.channel === name)
    const observed = observedOf(name, values, channel)
    const total = observed.reduce((sum, value) => sum + value, 0)
    const limits = cells.reduce((sum, { limit }) => sum + limit, 0)
    const below = cells.filter(({ side }) => side === 'below').length
    const [first] = cells
    const side = below === cells.length ? 'below' : below === 0 ? 'above' : 'beyond'
    const bias =
      below * 2 === cells.length ? 'narrows what is learnt' : `makes what is learnt too ${below * 2 > cells.length ? 'high' : 'low'}`
    const means =
      observed.length === 0
        ? ''
        : `: the mean of the others is ${short(total / observed.length)}, with the limits in their places ` +
          `${short((total + limits) / (observed.length + cells.length))}`
    return (
      `${plural(cells.length, 'value')} of ${quote(name)} ${cells.length === 1 ? 'is' : 'are'} only known to be ${side} a limit, such ` +
      `as ${quote(`${first!.side === 'below' ? '<' : '>'}${first!.limit}`)} in ${unit} ${lineOf(first!.row)}. They are taken as ` +
      `missing, which ${bias}${means}.`
    )
  })
}

function observedOf(name: string, values: readonly NumberColumn[], channel: TextColumn | undefined): number[] {
  const column = channel === undefined ? values.find((one) => one.name === name)! : values[0]!
  return Array.from(column.values()).filter((value, row) => value === value && (channel === undefined || channel.at(row) === name))
}

const short = (value: number): string => String(Number(value.toPrecision(3)))
