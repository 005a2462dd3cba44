import { Script, createContext } from 'node:vm'

/** Time that may be spent on something, in pieces. */
export interface TimeBudget {
  /** Runs what is synchronous; what it throws is thrown. @throws Error if it is not done when the time is spent */
  run<T>(work: () => T): T
}

/** Seconds that damaged data may cost, however small the file is. */
const LEAST = 5
const BYTES_PER_SECOND = 2e5

/** The time that unpacking a file of so many bytes may take: many times what a whole one takes. */
export function timeFor(bytes: number): TimeBudget {
  const given = LEAST + bytes / BYTES_PER_SECOND
  let left = given * 1000
  return {
    run(work) {
      const began = performance.now()
      try {
        return withinTime(Math.max(1, Math.ceil(left)), work)
      } catch (error) {
        if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
          throw new Error(`reading it did not end within ${Math.round(given)} seconds`, { cause: error })
        throw error
      } finally {
        left -= performance.now() - began
      }
    },
  }
}

const box = createContext({ work: undefined as unknown })
const call = new Script('work()')

/** Code that would never end cannot be stopped from within: V8 stops what a script calls. */
function withinTime<T>(timeout: number, work: () => T): T {
  const outer = box['work']
  box['work'] = work
  try {
    return call.runInContext(box, { timeout }) as T
  } finally {
    box['work'] = outer
  }
}
