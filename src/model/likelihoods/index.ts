import { bernoulli } from './bernoulli.js'
import { gaussian } from './gaussian.js'
import type { Likelihood } from './likelihood.js'
import { negativeBinomial } from './negativeBinomial.js'
import { poisson } from './poisson.js'
import { studentT } from './studentT.js'
import { zeroInflated } from './zeroInflated.js'

/** Every likelihood by name. A new one is a file beside `studentT.ts` and a line here. */
export const likelihoods = {
  gaussian,
  'student-t': studentT,
  bernoulli,
  poisson,
  'negative-binomial': negativeBinomial,
  'zero-inflated': zeroInflated,
} satisfies Record<string, Likelihood>
export type LikelihoodName = keyof typeof likelihoods
