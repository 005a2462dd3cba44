import { stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { destinationOf, isStandardOutput, isStream } from '../../data/destination.js'
import { sourceStem } from '../../data/source.js'
import { checkDestination, writeFileAtomically } from '../../data/write.js'
import { noFolder } from '../../data/writeFolder.js'
import { UserError } from '../../errors.js'
import type { Context } from '../command.js'
import { UsageError } from '../errors.js'
import { writeText } from '../terminal/io.js'

/** `visits` of `some/where/visits.csv.gz`, `visits.model.safetensors` and `visits.checkpoint.safetensors`. */
export const stemOf = (path: string): string => sourceStem(path).replace(/(\.(model|checkpoint))?\.safetensors$/i, '')

/**
 * `visits.checkpoint.safetensors` for the output `visits.model.safetensors`, in the same folder; where the model goes
 * into a pipe or a device, named after the data, in this folder.
 */
export const checkpointFor = (out: string, data: string): string =>
  isStream(out) ? `${stemOf(data)}.checkpoint.safetensors` : join(dirname(out), `${stemOf(out)}.checkpoint.safetensors`)

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Removes a file that was written; links to it stay, as does what is no regular file. */
export async function removeFile(path: string): Promise<void> {
  const destination = destinationOf(path)
  if (destination.kind === 'file') await unlink(destination.path).catch(() => {})
}

/**
 * Raises now what writing there would raise later, after hours of work, and removes what killed runs left.
 *
 * @param inputs files that are read and so must not be written over
 * @throws UserError `CannotWrite`, `DiskFull`, `SameFile`
 */
export async function checkWritable(path: string, inputs: readonly string[] = []): Promise<void> {
  if (path === '-') return
  const destination = await checkDestination(path)
  for (const input of inputs) {
    if (input !== '-' && (await isSame(input, path, destination.path)))
      throw new UserError('SameFile', `${path}: this file is read by the same command, and would be written over. Name another with --out.`)
  }
}

/** Whether two names lead to one file or pipe, or will. A terminal is read and written at once. */
async function isSame(input: string, out: string, target: string): Promise<boolean> {
  const [one, other] = await Promise.all([input, out].map((path) => stat(path).catch(() => undefined)))
  if (one !== undefined && other !== undefined) return one.dev === other.dev && one.ino === other.ino && !one.isCharacterDevice()
  if (one !== undefined || other !== undefined) return false
  try {
    return destinationOf(input).path === target
  } catch {
    return false
  }
}

/** As `checkWritable`, for a file that is read again later. @throws UserError `CannotWrite` also for pipes and devices */
export async function checkWritableFile(path: string, inputs: readonly string[], option: string): Promise<void> {
  if (isStream(path))
    throw new UserError(
      'CannotWrite',
      `${path}: this is no file, and what is written there could not be read again. Name a file with ${option}.`,
    )
  await checkWritable(path, inputs)
}

/** As `checkWritable`, for a folder that is made if there is none. */
export async function checkWritableFolder(path: string, inputs: readonly string[] = []): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return checkWritable(join(path, 'figure'))
  await checkWritable(path.replace(/(?<=.)[\\/]+$/, ''), inputs)
  if (found) throw noFolder(path)
}

/** `--json` and `--out -` would both write to standard output, whatever name that goes by. */
export function refuseTwoOutputs(out: string | undefined, { json }: Pick<Context, 'json'>): void {
  if (json && out !== undefined && isStandardOutput(out))
    throw new UsageError('Usage', `--json and --out ${out} both want standard output. Leave one of them out, or name a file with --out.`)
}

/** Writes pieces to a file, whole or not at all; or as they come to standard output, for `-` and all its names, to a pipe or a device. */
export async function writeOutput(
  out: string,
  pieces: Iterable<string | Uint8Array>,
  { io, detail }: Pick<Context, 'io' | 'detail'>,
): Promise<void> {
  if (isStandardOutput(out)) {
    for (const piece of pieces) await writeText(io.stdout, piece)
    return
  }
  if (isStream(out)) detail(`${out} is a pipe or a device: it is written to as it is, once somebody reads it.`)
  await writeFileAtomically(out, pieces)
}
