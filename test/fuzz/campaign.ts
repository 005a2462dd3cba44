import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faultOf, type Ending } from './fault.js'
import { prepare, type Cases, type Kind, type Run } from './kinds.js'

/** Seconds on the clock after which a command line counts as one that never ends: other work may hold it up. */
const PATIENCE = 60
/** What a process may have taken at most, in MiB: the program itself takes some 200. */
const MOST_MEMORY = 1024
/** A process of its own again and again, so that its peak tells of the last cases. */
const CASES_PER_PROCESS = 500

export interface CampaignOptions {
  readonly kind: Kind
  readonly seed: number
  /** Number of the first case. */
  readonly from: number
  readonly seconds: number
  readonly most: number
  /** The built program's main module. */
  readonly main: string
  /** Where the program stands; a folder that is empty. */
  readonly folder: string
  /** Where inputs that fail are kept. */
  readonly keep: string
}

export interface Finding {
  readonly fault: string
  readonly words: readonly string[]
  /** Where the input is kept, and what does it again. */
  readonly path: string
  readonly again: string
}

/** Gives damaged inputs to the command line in a process of its own until time or cases are spent. */
export async function campaign({
  kind,
  seed,
  from,
  seconds,
  most,
  main,
  folder,
  keep,
}: CampaignOptions): Promise<{ cases: number; refused: number; findings: Finding[] }> {
  const program = dirname(dirname(main))
  let subject = await startSubject(program, folder)
  const run: Run = async (words, interrupt) => {
    const ending = await subject.run(words, interrupt, PATIENCE)
    if (ending.kind === 'ended' && ending.code !== 0 && ending.code !== 130) throw new Error(ending.err)
    return ending.kind === 'ended' ? ending.code : -1
  }
  const cases: Cases = (await prepare(folder, run))[kind]
  const findings: Finding[] = []
  const until = performance.now() + seconds * 1000
  let [done, refused] = [0, 0]
  while (done < most && performance.now() < until) {
    const { file, bytes, words, interrupt } = cases(seed, from + done)
    writeFileSync(join(folder, file), bytes)
    const ending = await subject.run(words, interrupt, PATIENCE)
    const fault = faultOf(ending, MOST_MEMORY)
    if (ending.kind === 'ended' && ending.code === 2) refused++
    if (fault !== undefined) {
      mkdirSync(keep, { recursive: true })
      const path = join(keep, `${kind}-${seed}-${from + done}-${file}`)
      writeFileSync(path, bytes)
      findings.push({
        fault,
        words,
        path,
        again: `FUZZ_KIND=${kind} FUZZ_SEED=${seed} FUZZ_FROM=${from + done} FUZZ_CASES=1 npm run test:fuzz`,
      })
    }
    done++
    if (fault !== undefined || done % CASES_PER_PROCESS === 0) {
      subject.end()
      subject = await startSubject(program, folder)
    }
  }
  subject.end()
  return { cases: done, refused, findings }
}

interface Subject {
  run(words: readonly string[], interrupt: number | undefined, patience: number): Promise<Ending>
  end(): void
}

async function startSubject(program: string, folder: string): Promise<Subject> {
  const child = fork(fileURLToPath(new URL('subject.mjs', import.meta.url)), [program, folder], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  })
  let written = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    written = (written + text).slice(-4000)
  })
  await answer(child)
  return {
    async run(words, interrupt, patience) {
      child.send({ words, interrupt })
      const late = new Promise<Ending>((resolve) => setTimeout(() => resolve({ kind: 'late', patience }), patience * 1000).unref())
      const ended = answer(child).then((message): Ending =>
        message === undefined
          ? { kind: 'died', written }
          : { kind: 'ended', ...(message as Omit<Extract<Ending, { kind: 'ended' }>, 'kind'>) },
      )
      return Promise.race([ended, late])
    },
    end: () => void child.kill('SIGKILL'),
  }
}

/** The next message, or undefined if the process ends first. */
const answer = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => {
    const done = (message?: unknown): void => {
      child.off('message', done)
      child.off('exit', gone)
      resolve(message)
    }
    const gone = (): void => done()
    child.on('message', done)
    child.on('exit', gone)
  })
