import { z } from 'zod'
import { kernelNames, type KernelName } from '../statespace/kernel.js'

/** Which process lies between mean and noise. */
export const residualOption = z
  .enum(['auto', ...kernelNames, 'none'])
  .default('auto')
  .describe(
    'Process with a memory between mean and noise, for channels with a normal likelihood: Ornstein–Uhlenbeck (ou), Matérn-3/2 ' +
      '(matern32), which is smoother, one between them that learns how smooth it is (car2), or none; auto: ou, and where training ' +
      'ends by itself then car2, if it forecasts the validation series better',
  )

/** The process that a model has while it is still to be chosen: the rougher one leaves more to the dynamics. */
export const residualOf = <Option extends string>(option: Option | 'auto'): Exclude<Option, 'auto'> | 'ou' =>
  option === 'auto' ? 'ou' : (option as Exclude<Option, 'auto'>)

/** The kernel that is tried after it. */
export const SMOOTHER: KernelName = 'car2'
