import { randomBytes } from 'node:crypto'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../errors.js'

/** What a file operation needs of the file system; tests put a full disk in its place. */
export interface FileSystem {
  open(path: string): Promise<Pick<FileHandle, 'write' | 'sync' | 'close'>>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
}

/** The real one; a temporary file must not exist before. */
const disk: FileSystem = { open: (path) => open(path, 'wx'), rename, unlink }

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, flushed to the disk, then renamed. A file
 * of that name stays as it was until then, and where writing fails.
 *
 * @param pieces text or bytes, or several of them one after the other
 * @throws UserError `CannotWrite` (no such folder, no permission, a directory), `DiskFull`
 */
export async function writeFileAtomically(path: string, pieces: string | Uint8Array | Iterable<string | Uint8Array>, system: FileSystem = disk): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  let made = false
  try {
    const file = await system.open(temporary)
    made = true
    try {
      for (const piece of typeof pieces === 'string' || pieces instanceof Uint8Array ? [pieces] : pieces) {
        await writeAll(file, typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await system.rename(temporary, path)
  } catch (error) {
    if (made) await system.unlink(temporary).catch(() => {})
    throw writeError(error, path)
  }
}

async function writeAll(file: Pick<FileHandle, 'write'>, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten
}

/** What a failed write means to the user; other errors are passed on. */
export function writeError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const because = (kind: string, found: string, remedy: string): UserError => new UserError(kind, `${path}: ${found}. ${remedy} Nothing was written.`, { cause: error })
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return because('DiskFull', 'the disk is full', 'Make room, or write to another place with --out.')
    case 'ENOENT':
    case 'ENOTDIR':
      return because('CannotWrite', `there is no folder ${JSON.stringify(dirname(path))}`, 'Make it, or write to another place with --out.')
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
    default:
      return error
  }
}
