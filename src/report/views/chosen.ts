import type { Json } from '../specification.js'

/**
 * The parameter that holds the id of the series chosen on the page, null where none is. The page's script sets it in
 * every figure that has it, and takes a click on a mark whose datum has a field `series` as a choice.
 */
export const chosenParam = { name: 'chosen', value: null } satisfies Json

/** Test of a datum: whether it belongs to the chosen series. Series that are not named have none. */
export const isChosen = '(chosen !== null && datum.series === chosen)'

/** What stands for a series that the page does not name. */
const unnamed = 'not named here'

/** Adds the field `who`: the name of a datum's series, for people. */
export const who = { calculate: `datum.series === null ? '${unnamed}' : datum.series`, as: 'who' } satisfies Json

/** The line of a tooltip that says which series it is. */
export const whoTold = { field: 'who', title: 'series', type: 'nominal' } satisfies Json
