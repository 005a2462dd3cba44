import { dirname } from 'node:path'
import { UserError } from '../errors.js'

/** Where a write was to go and how far it came. */
interface Attempt {
  /** The file itself, where `path` is a link to it. */
  readonly target?: string
  /** Bytes that came first may have arrived: a pipe, a device, a file that cannot be replaced. */
  readonly partly?: boolean
}

/** What a failed write means to the user; other errors are passed on. */
export function writeError(error: unknown, path: string, { target = path, partly = false }: Attempt = {}): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const leads = target === path || code === 'ELOOP' ? '' : ` (it leads to ${target})`
  const because = (kind: string, found: string, remedy: string): UserError =>
    new UserError(kind, `${path}${leads}: ${found}. ${remedy} ${partly ? 'Not all of it was written.' : 'Nothing was written.'}`, {
      cause: error,
    })
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return because('DiskFull', 'the disk is full', 'Make room, or write to another place with --out.')
    case 'ENOENT':
    case 'ENOTDIR':
      return because(
        'CannotWrite',
        `there is no folder ${JSON.stringify(dirname(target))}`,
        'Make it, or write to another place with --out.',
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return because('CannotWrite', 'writing there is not permitted', 'Check the permissions, or write to another place with --out.')
    case 'EISDIR':
    case 'EEXIST':
    case 'ENOTEMPTY':
      return because('CannotWrite', 'this is a directory', 'Name a file in it with --out.')
    case 'ENAMETOOLONG':
      return because('CannotWrite', 'the name is too long', 'Choose a shorter one with --out.')
    case 'ELOOP':
      return because('CannotWrite', 'the symbolic links lead round in a circle', 'Remove them, or write to another place with --out.')
    case 'EBADF':
      return because(
        'CannotWrite',
        'no descriptor of this number is open for writing',
        'Open it in the shell (3> file), or write to another place with --out.',
      )
    case 'ENXIO':
    case 'ENODEV':
      return because('CannotWrite', 'this is a socket, or a device that is not there', 'Write to another place with --out.')
    default:
      return error
  }
}
