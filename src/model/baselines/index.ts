import type { Baseline } from './baseline.js'
import { gp } from './gp.js'
import { last } from './last.js'
import { linear } from './linear.js'
import { mixed } from './mixed.js'
import { trend } from './trend.js'

/** Every baseline by name, the strongest first. A new one has a line here. */
export const baselines = { gp, mixed, last, linear, trend } satisfies Record<BaselineName, Baseline>
/** The name of a baseline. */
export type BaselineName = 'gp' | 'mixed' | 'last' | 'linear' | 'trend'
export const baselineNames = Object.keys(baselines) as BaselineName[]
