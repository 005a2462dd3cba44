import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../errors.js'
import { writeError, writeFileAtomically } from './write.js'

/** A file to be: its name in the folder, and what it holds. */
export interface FileToWrite {
  readonly name: string
  readonly content: string | Uint8Array
}

export const noFolder = (path: string): UserError => new UserError('CannotWrite', `${path}: this is a file, where a folder should be. Remove it, or name another with --out. Nothing was written.`)

/**
 * Writes files into a folder. A new folder appears whole or not at all; into one that exists they go one by one, each
 * whole, and what else is there stays.
 *
 * @throws UserError as `writeFileAtomically` does; `CannotWrite` where a file has the folder's name
 */
export async function writeFolder(path: string, files: readonly FileToWrite[]): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isDirectory()) throw noFolder(path)
  if (found) {
    for (const { name, content } of files) await writeFileAtomically(join(path, name), content)
    return
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await mkdir(temporary)
    for (const { name, content } of files) await writeFileAtomically(join(temporary, name), content)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw writeError(error, path)
  }
}
