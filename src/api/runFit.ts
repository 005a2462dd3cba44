import type { FitEvents } from '../train/fit.js'
import { threadCount } from '../train/threadCount.js'
import type { EngineOptions } from './engines.js'

/** What a fit runs on, where it is saved, and who is told how it goes. */
export interface FitRun extends EngineOptions, FitEvents {
  /** Threads to compute on; any number gives the same bits. Default: LATENT_ODE_THREADS, else one per processor. */
  readonly threads?: number
}

/** What a fit is told by, and the notices that it gives, which the model keeps. */
export function eventsOf({ threads, onNotice, ...events }: Omit<FitRun, 'engine' | 'dtype'>): { events: FitEvents; notices: string[] } {
  const notices: string[] = []
  return {
    notices,
    events: {
      ...events,
      threads: threadCount(threads, process.env),
      onNotice(message, kind) {
        notices.push(message)
        onNotice?.(message, kind)
      },
    },
  }
}
