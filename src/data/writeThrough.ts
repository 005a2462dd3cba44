import { close, constants, open, write } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Destination } from './destination.js'

const [openFile, closeFile, writeBytes] = [promisify(open), promisify(close), promisify(write)]

/** How long to wait for a reader before looking again, in milliseconds. */
const PAUSE = 10

type Stream = Exclude<Destination, { kind: 'file' }>

/**
 * Writes into a pipe, a device or an open descriptor, as pieces come. A pipe without a reader is waited for.
 *
 * Nothing here blocks a thread: a process whose threads are blocked cannot even exit.
 *
 * @throws what the system raises; `EPIPE` where the reader has gone
 */
export async function writeThrough(stream: Stream, pieces: Iterable<Uint8Array>): Promise<void> {
  const { fd, opened } = await descriptorOf(stream)
  try {
    for (const bytes of pieces) await writeAll(fd, bytes)
  } finally {
    if (opened) await closeFile(fd)
  }
}

async function descriptorOf(stream: Stream): Promise<{ fd: number; opened: boolean }> {
  const flags = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)
  if (stream.kind === 'descriptor') {
    if (!stream.pipe || process.platform !== 'linux') return { fd: stream.fd, opened: false }
    // The same pipe, opened anew: whether one waits is not this process's alone to say for the descriptor it was given.
    return openFile(`/proc/self/fd/${stream.fd}`, flags).then(
      (fd) => ({ fd, opened: true }),
      () => ({ fd: stream.fd, opened: false }),
    )
  }
  for (;;) {
    try {
      return { fd: await openFile(stream.path, flags | (stream.pipe ? 0 : constants.O_TRUNC)), opened: true }
    } catch (error) {
      if (!stream.pipe || codeOf(error) !== 'ENXIO') throw error
      await pause(PAUSE)
    }
  }
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    try {
      done += (await writeBytes(fd, bytes, done, bytes.length - done, null)).bytesWritten
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error
      await pause(PAUSE)
    }
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
