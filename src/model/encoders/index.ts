import type { Encoder } from './encoder.js'
import { odeRnn } from './odeRnn.js'
import { rnn } from './rnn.js'

/** Every encoder by name. A new one is a file beside `rnn.ts` and a line here. */
export const encoders = { 'ode-rnn': odeRnn, rnn } satisfies Record<string, Encoder>
export type EncoderName = keyof typeof encoders
