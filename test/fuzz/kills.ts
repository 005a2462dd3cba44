import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { random, type RandomStream } from '../../src/random.js'
import { readModel } from '../../src/train/modelFile.js'
import { start, type Finished } from '../cli/built.js'

export interface KillOptions {
  /** The program's main.js. */
  readonly main: string
  /** An empty folder. */
  readonly folder: string
  /** How many fits to kill. Default 100. */
  readonly kills?: number
  /** Default: another each time; it is in every error. */
  readonly seed?: number
}

/** What the kills met. */
export interface KillTally {
  readonly seed: number
  readonly kills: number
  /** Fits that were begun, killed once or more, and came to their end. */
  readonly fits: number
  /** Kills before there was a checkpoint, so that the fit began anew. */
  readonly early: number
  /** Kills that left a lock or a scratch file to be removed by the next run. */
  readonly leaving: number
}

const [DATA, MODEL, CHECKPOINT] = ['spirals.csv', 'spirals.model.safetensors', 'spirals.checkpoint.safetensors']
const WHOLE = 'whole.model.safetensors'
const EPOCHS = 10
const tiny = [
  '--latents',
  '2',
  '--encoder-units',
  '4',
  '--encoder-field-units',
  '4',
  '--field-units',
  '4',
  '--decoder-units',
  '4',
  '--samples',
  '1',
  '--validation-samples',
  '1',
  '--batch-size',
  '3',
  '--epochs',
  String(EPOCHS),
  '--patience',
  '0',
  '--threads',
  '1',
  '--quiet',
]

/** Most kills of one fit before it is let go on to its end. */
const MOST = 4

/**
 * Kills fits with SIGKILL at random moments, lets each go on to its end, and compares: the model must be that of a fit
 * that nobody disturbed, to the bit, and nothing else may be left in the folder.
 *
 * Half of the moments are random in time, half come with a random one of the changes in the folder, which is when
 * files are made, renamed and removed.
 *
 * @throws Error naming the seed, the fit and its moments, where something does not hold
 */
export async function killCampaign({
  main,
  folder,
  kills = 100,
  seed = Math.floor(Math.random() * 2 ** 32),
}: KillOptions): Promise<KillTally> {
  const program = (...words: string[]) => start(process.execPath, [main, ...words], {}, folder)
  const succeed = ({ code, signal, err }: Finished, what: string): void => {
    if (code !== 0) throw new Error(`${what} ended with ${code ?? signal}: ${err}`)
  }
  succeed(await program('simulate', 'spirals', '--series', '12', '--points', '8', '--quiet', '--out', DATA).done, 'simulate')
  const began = performance.now()
  succeed(await program('fit', DATA, ...tiny, '--out', WHOLE).done, 'the undisturbed fit')
  const seconds = (performance.now() - began) / 1000
  const expected = await hashOf(join(folder, WHOLE))

  let [killed, fits, early, leaving] = [0, 0, 0, 0]
  while (killed < kills) {
    const stream = random(seed, 'kills', fits)
    const moments: string[] = []
    const fit = () => program('fit', DATA, ...tiny, ...(existsSync(join(folder, CHECKPOINT)) ? ['--resume'] : []))
    const fail = (found: string): Error => new Error(`Fit ${fits} of seed ${seed}, killed ${moments.join(', then ')}: ${found}`)
    let ended: Finished | undefined
    for (const goal = 1 + stream.integer(MOST); moments.length < goal && killed < kills && ended === undefined;) {
      const { child, done } = fit()
      const moment = await momentIn(folder, stream, seconds, done)
      child.kill('SIGKILL')
      const result = await done
      if (result.signal !== 'SIGKILL') {
        ended = result
        break
      }
      killed++
      moments.push(moment)
      if (!existsSync(join(folder, CHECKPOINT))) early++
      if (readdirSync(folder).some((name) => /\.(tmp|lock)$/.test(name))) leaving++
    }
    ended ??= await fit().done
    if (ended.code !== 0) throw fail(`the fit that was to go on ended with ${ended.code ?? ended.signal}: ${ended.err}`)
    const found = readdirSync(folder).sort()
    if (found.join() !== [DATA, MODEL, WHOLE].sort().join()) throw fail(`the folder holds ${found.join(', ')}`)
    if ((await hashOf(join(folder, MODEL))) !== expected) throw fail('the model is another than without the kills')
    rmSync(join(folder, MODEL))
    fits++
  }
  return { seed, kills: killed, fits, early, leaving }
}

/** Waits for a random moment of a fit, or for its end. */
async function momentIn(folder: string, stream: RandomStream, seconds: number, done: Promise<unknown>): Promise<string> {
  if (stream.uniform() < 0.5) {
    const after = stream.uniform() * seconds
    let timer: NodeJS.Timeout | undefined
    await Promise.race([done, new Promise((resolve) => (timer = setTimeout(resolve, 1000 * after)))])
    clearTimeout(timer)
    return `after ${after.toFixed(3)} s`
  }
  // A lock, the probes, each checkpoint, the model: some ten changes, and four for each epoch.
  const change = 1 + stream.integer(14 + 4 * EPOCHS)
  let changes = 0
  let stop = (): void => {}
  const seen = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      changes++
      if (changes >= change) resolve()
    })
    stop = () => watcher.close()
  })
  await Promise.race([done, seen])
  stop()
  return `at change ${change} of the folder`
}

/** All of a model but the seconds that its epochs took, which no two fits share. */
async function hashOf(path: string): Promise<string> {
  const { history, ...model } = await readModel(path)
  const rest = { ...model, history: history.map(({ seconds: _, ...record }) => record) }
  const text = JSON.stringify(rest, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') : value,
  )
  return createHash('sha256').update(text).digest('hex')
}
