import { fstatSync, lstatSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { isatty } from 'node:tty'
import { UserError } from '../errors.js'
import { writeError } from './writeError.js'

/** What a path leads to when something is to be written there. */
export type Destination =
  /** A regular file, or one to be: it is replaced as a whole. `path` is the file itself, all links followed. */
  | { readonly kind: 'file'; readonly path: string; readonly linked: boolean; readonly found?: Stats }
  /** A pipe or a device, or a descriptor of another process: it is opened and written to. */
  | { readonly kind: 'opened'; readonly path: string; readonly pipe: boolean }
  /** A descriptor that this process has (`/dev/stdout`, `/dev/fd/3`): it is written to where it stands. */
  | { readonly kind: 'descriptor'; readonly path: string; readonly fd: number; readonly pipe: boolean }

/** As many as Linux follows. */
const MOST_LINKS = 40

/**
 * Follows symbolic links, also those that lead to nothing yet.
 *
 * @throws UserError `CannotWrite` for a folder, a missing folder, a circle of links, a disk, a socket, a closed descriptor
 */
export function destinationOf(path: string): Destination {
  if (path === '')
    throw new UserError('CannotWrite', 'The name of the file to write is empty. If it came from a variable of a script, that is not set.')
  let target = path
  try {
    // The name of a folder, whether it is there or not.
    if (/[\\/]$/.test(path) && (path.endsWith('/') || process.platform === 'win32')) throw failure('EISDIR')
    for (let links = 0; links <= MOST_LINKS; links++) {
      const folder = realpathSync.native(dirname(target))
      const fd = ownDescriptor(folder, basename(target))
      if (fd !== undefined) return describeDescriptor(path, fd)
      const found = lstatSync(join(folder, basename(target)), { throwIfNoEntry: false })
      if (found?.isSymbolicLink() !== true || isOthersDescriptor(folder)) return describeFound(target, found, links > 0)
      const link = readlinkSync(target)
      target = isAbsolute(link) ? link : join(folder, link)
    }
    throw failure('ELOOP')
  } catch (error) {
    throw writeError(error, path, { target })
  }
}

/** Whether something is there that is written to as it is: a pipe, a device, a descriptor; `-` is standard output. */
export function isStream(path: string): boolean {
  if (path === '-') return true
  try {
    return destinationOf(path).kind !== 'file'
  } catch {
    return false
  }
}

/** Whether what is written to the path comes out of standard output; `-` does. */
export function isStandardOutput(path: string): boolean {
  if (path === '-') return true
  try {
    const destination = destinationOf(path)
    if (destination.kind === 'descriptor' && destination.fd === 1) return true
    const there = destination.kind === 'descriptor' ? fstatSync(destination.fd) : statSync(path)
    const here = fstatSync(1)
    // Everything that is thrown away goes to one device, which is no place where two things mix.
    if (there.isCharacterDevice() && !isatty(1)) return false
    return there.ino === here.ino && there.dev === here.dev
  } catch {
    return false
  }
}

function describeDescriptor(path: string, fd: number): Destination {
  const found = fstatSync(fd)
  if (found.isDirectory()) throw failure('EISDIR')
  return { kind: 'descriptor', path, fd, pipe: found.isFIFO() }
}

function describeFound(target: string, link: Stats | undefined, linked: boolean): Destination {
  // What a descriptor of another process leads to is known only by following it.
  const others = link?.isSymbolicLink() === true
  const found = others ? statSync(target) : link
  const path = join(realpathSync.native(dirname(target)), basename(target))
  if (found === undefined) return { kind: 'file', path, linked }
  if (found.isDirectory()) throw failure('EISDIR')
  if (found.isSocket()) throw failure('ENXIO')
  if (found.isBlockDevice())
    throw new UserError(
      'CannotWrite',
      `${target}: this is a disk, and what is on it would be lost. Write to a file with --out. Nothing was written.`,
    )
  if (found.isFile() && !others) return { kind: 'file', path, linked, found }
  return { kind: 'opened', path, pipe: found.isFIFO() }
}

/** `/dev/fd/3` and `/proc/self/fd/3`, whose folder is that of this process. */
function ownDescriptor(folder: string, name: string): number | undefined {
  if (!/^\d+$/.test(name)) return undefined
  const own = folder === '/dev/fd' || new RegExp(`^/proc/${process.pid}(/task/\\d+)?/fd$`).test(folder)
  return own ? Number(name) : undefined
}

const isOthersDescriptor = (folder: string): boolean => /^\/proc\/\d+(\/task\/\d+)?\/fd$/.test(folder)

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code })
