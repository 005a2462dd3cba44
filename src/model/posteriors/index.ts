import { gaussian } from './gaussian.js'
import type { Posterior } from './posterior.js'

/** Every family of posteriors by name. A new one is a file beside `gaussian.ts` and a line here. */
export const posteriors = { gaussian } satisfies Record<string, Posterior>
export type PosteriorName = keyof typeof posteriors
