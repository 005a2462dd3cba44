import { DataError, LatentOdeError, UserError } from '../errors.js'

/** The command line itself is wrong: an option, a command, a configuration file. */
export class UsageError extends UserError {}

/** The user pressed Ctrl-C; `message` says what was saved. */
export class Interrupted extends LatentOdeError {
  constructor(message: string) {
    super('Interrupted', message)
  }
}

/** Exit codes: 2 where the user can set it right, 130 after Ctrl-C (128 + SIGINT), 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return 130
  return error instanceof UserError ? 2 : 1
}

/** What `--json` prints in place of a result. `error` has the stable code, the message and, for data, the place. */
interface ErrorDocument {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly file?: string
    readonly line?: number
    readonly column?: string
    readonly series?: string
  }
}

export function errorDocument(error: unknown): ErrorDocument {
  const known = error instanceof LatentOdeError
  return {
    error: { code: known ? error.code : 'Unexpected', message: messageOf(error), ...(error instanceof DataError ? error.where : {}) },
  }
}

/** The error as people read it: one line, or all of the stack where the user is debugging. */
export function errorText(error: unknown, debug: boolean): string {
  const head = `latent-ode: ${messageOf(error)}\n`
  if (debug && error instanceof Error)
    return `${head}${error.stack ?? ''}\n${error.cause instanceof Error ? `Caused by: ${error.cause.stack ?? ''}\n` : ''}`
  return error instanceof LatentOdeError ? head : `${head}This was not expected. LATENT_ODE_DEBUG=1 shows where it happened.\n`
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
