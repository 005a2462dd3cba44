import type { Json } from '../figure.js'

/**
 * The parameter that holds the id of the series chosen on the page, null where none is. The page's script sets it in
 * every figure that has it, and takes a click on a mark whose datum has a field `series` as a choice.
 */
export const chosenParam = { name: 'chosen', value: null } satisfies Json

/** Test of a datum: whether it belongs to the chosen series. */
export const isChosen = 'datum.series === chosen'
