import { accessSync, constants, rmSync, type Stats } from 'node:fs'
import { copyFile, open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { atEnd } from './atEnd.js'
import { destinationOf, type Destination } from './destination.js'
import { clearLeftovers, scratchPath } from './scratch.js'
import { writeError } from './writeError.js'
import { writeThrough } from './writeThrough.js'

/** What a file operation needs of the file system; tests put a full disk in its place. */
export interface FileSystem {
  /** Makes a file that must not exist before, with the permissions of another where there is one. */
  open(path: string, like?: Stats): Promise<Pick<FileHandle, 'write' | 'sync' | 'close'>>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
}

const disk: FileSystem = {
  async open(path, like) {
    const file = await open(path, 'wx')
    if (like !== undefined) {
      // Only root may give files away, and some file systems know no permissions: then they are what new files have.
      await file.chown(like.uid, like.gid).catch(() => {})
      await file.chmod(like.mode & 0o777).catch(() => {})
    }
    return file
  },
  rename,
  unlink,
}

type Pieces = string | Uint8Array | Iterable<string | Uint8Array>

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, flushed to the disk, then renamed. A file
 * of that name stays as it was until then, and where writing fails; its permissions stay. Symbolic links are followed.
 *
 * What is no regular file is written to as pieces come: pipes (a reader is waited for), devices, `/dev/stdout`,
 * `/dev/fd/3`. So is a file in a folder where no other can be made or take its place, as in a container that was given
 * the file alone.
 *
 * A name that ends in `.gz` gets what it says: the pieces are compressed.
 *
 * @param pieces text or bytes, or several of them one after the other
 * @throws UserError `CannotWrite` (no such folder, no permission, a directory, a disk, a socket), `DiskFull`; the
 *   system's `EPIPE` where the reader of a pipe has gone
 */
export async function writeFileAtomically(path: string, pieces: Pieces, system: FileSystem = disk): Promise<void> {
  const destination = destinationOf(path)
  const bytes = /\.gz$/i.test(path) ? gzipped(inBytes(pieces)) : inBytes(pieces)
  if (destination.kind === 'file') await replace(path, destination, bytes, system)
  else await into(path, destination, bytes)
}

/**
 * Raises now what writing there would raise later, as far as it can be known, and removes what killed processes left.
 *
 * @throws UserError as `writeFileAtomically` does
 */
export async function checkDestination(path: string): Promise<Destination> {
  const destination = destinationOf(path)
  if (destination.kind !== 'file') return destination
  const { path: target, found, linked } = destination
  clearLeftovers(target)
  const probe = scratchPath(target)
  const kept = atEnd(() => rmSync(probe, { force: true }))
  try {
    refuseProtected(target, found)
    await (await open(probe, 'wx')).close()
    await unlink(probe)
  } catch (error) {
    if (!(isClosedFolder(error) && isOpen(target, found))) throw writeError(error, path, { target: linked ? target : path })
  } finally {
    kept()
  }
  return destination
}

async function replace(
  path: string,
  { path: target, found, linked }: Extract<Destination, { kind: 'file' }>,
  pieces: Iterable<Uint8Array>,
  system: FileSystem,
): Promise<void> {
  clearOnce(target)
  const scratch = scratchPath(target)
  const kept = atEnd(() => rmSync(scratch, { force: true }))
  let made = false
  try {
    refuseProtected(target, found)
    let file: Awaited<ReturnType<FileSystem['open']>>
    try {
      file = await system.open(scratch, found)
    } catch (error) {
      if (!isClosedFolder(error) || !isOpen(target, found)) throw error
      return await into(path, { kind: 'opened', path: target, pipe: false }, pieces)
    }
    made = true
    try {
      for (const piece of pieces) await writeAll(file, piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await takePlace(scratch, target, system)
  } catch (error) {
    throw writeError(error, path, { target: linked ? target : path })
  } finally {
    if (made) await system.unlink(scratch).catch(() => {})
    kept()
  }
}

/** A file that was mounted by itself, or is another user's in a shared folder, keeps its place and gets the bytes. */
async function takePlace(scratch: string, target: string, system: FileSystem): Promise<void> {
  try {
    await system.rename(scratch, target)
  } catch (error) {
    if (!['EBUSY', 'EPERM'].includes(codeOf(error))) throw error
    await copyFile(scratch, target)
  }
}

async function into(path: string, stream: Exclude<Destination, { kind: 'file' }>, pieces: Iterable<Uint8Array>): Promise<void> {
  try {
    await writeThrough(stream, pieces)
  } catch (error) {
    throw writeError(error, path, { partly: true })
  }
}

/** A file that may not be written to is not replaced either. */
function refuseProtected(target: string, found: Stats | undefined): void {
  if (found !== undefined) accessSync(target, constants.W_OK)
}

const isClosedFolder = (error: unknown): boolean => ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))

function isOpen(target: string, found: Stats | undefined): boolean {
  try {
    accessSync(target, constants.W_OK)
    return found !== undefined
  } catch {
    return false
  }
}

async function writeAll(file: Pick<FileHandle, 'write'>, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten
}

function* inBytes(pieces: Pieces): Generator<Uint8Array> {
  for (const piece of typeof pieces === 'string' || pieces instanceof Uint8Array ? [pieces] : pieces)
    yield typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece
}

/** Compressed piece by piece: a gzip file may have several members, one behind the other (RFC 1952, section 2.2). */
function* gzipped(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const piece of pieces) yield gzipSync(piece)
}

const cleared = new Set<string>()

/** Folders may be large, and a checkpoint is written often. */
function clearOnce(target: string): void {
  if (cleared.has(target)) return
  cleared.add(target)
  clearLeftovers(target)
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
