import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process, so that another can tell later whether it still runs: numbers of processes are used again. */
export interface ProcessMark {
  /** The boot of the machine and, in containers, the numbering of processes: only within one are `pid`s comparable. */
  readonly machine: string
  readonly pid: number
  /** When the process began, in the system's own count; 0 where the system does not say. */
  readonly start: number
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function numbering(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

let own: ProcessMark | undefined

/** The mark of this process. */
export function ownMark(): ProcessMark {
  own ??= {
    machine: createHash('sha256')
      .update(`${read('/proc/sys/kernel/random/boot_id') || hostname()} ${numbering()}`)
      .digest('hex')
      .slice(0, 10),
    pid: process.pid,
    start: statusOf(process.pid)?.start ?? 0,
  }
  return own
}

/** Whether a process still runs; undefined where that cannot be told from here (another machine, another container). */
export function stillRuns({ machine, pid, start }: ProcessMark): boolean | undefined {
  if (machine !== ownMark().machine) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Not permitted to signal it: it is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const status = statusOf(pid)
  if (status === undefined || start === 0) return true
  return status.start === start && !status.ended
}

/** What Linux says of a process: field 22 of its stat, the third being its state. Names may hold spaces and brackets. */
function statusOf(pid: number): { start: number; ended: boolean } | undefined {
  const text = read(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const start = Number(fields[19])
  return Number.isSafeInteger(start) && text !== '' ? { start, ended: fields[0] === 'Z' || fields[0] === 'X' } : undefined
}
