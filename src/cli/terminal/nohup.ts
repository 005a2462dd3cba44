import { readFileSync } from 'node:fs'

const SHELL = /^(ba|z|k|mk|da|a|fi|tc|c)?sh$/

/**
 * Whether this process was started by `nohup`, so that a closed terminal is not to end it. Node.js forgets that at its
 * start; shells name the program that they run in `_`, which counts only where the parent is a shell, and not a program
 * that nohup started and that passes its environment on.
 */
export function startedByNohup({ _: program }: Readonly<Record<string, string | undefined>>, parent = nameOf(process.ppid)): boolean {
  return /(^|\/)nohup$/.test(program ?? '') && (parent === undefined || SHELL.test(parent))
}

/** The name of a process, where Linux tells it. */
function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}
