import { gaussian } from './gaussian.js'
import type { Likelihood } from './likelihood.js'
import { studentT } from './studentT.js'

/** Every likelihood by name. A new one is a file beside `studentT.ts` and a line here. */
export const likelihoods = { gaussian, 'student-t': studentT } satisfies Record<string, Likelihood>
export type LikelihoodName = keyof typeof likelihoods
