/**
 * Sizes past which nothing sensible lies, as a number mistyped or a file damaged would have them: they are refused
 * before anything is made to their measure.
 */
export const MOST_UNITS = 4096
export const MOST_LAYERS = 32
/** Numbers that a model learns, in all. Training keeps some ten copies of them. */
export const MOST_WEIGHTS = 2 ** 24
/** Solver steps per series; the fixed steps of the longest series. */
export const MOST_STEPS = 1_000_000
export const LEAST_STEP = 1e-6
