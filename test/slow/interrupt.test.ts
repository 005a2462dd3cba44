import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { readModel } from '../../src/train/modelFile.js'
import { buildProgram, start, type Finished } from '../cli/built.js'
import { run, useFolder } from '../cli/io.js'

const folder = useFolder()
let program: ReturnType<typeof buildProgram>

const node = (words: readonly string[], env?: Record<string, string>) => start(process.execPath, [program.main, ...words], env)
const shell = (command: string) => start('/bin/sh', ['-c', command.replaceAll('latent-ode', `${process.execPath} ${program.main}`)])

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
]
const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

beforeAll(async () => {
  program = buildProgram()
  await run('simulate', 'spirals', '--series', '12', '--points', '8', '--quiet')
  await run('fit', 'spirals.csv', '--epochs', '1', ...tiny, '--quiet')
})
afterAll(() => program.remove())

describe('standard output and exit codes', () => {
  const model = 'spirals.model.safetensors'
  test.each([
    ['fit', ['fit', 'spirals.csv', '--epochs', '1', ...tiny, '--out', 'other.model.safetensors']],
    ['predict', ['predict', model, 'spirals.csv', '--at', '1', '--samples', '2']],
    ['evaluate', ['evaluate', model, 'spirals.csv', '--samples', '2']],
    ['report', ['report', model, 'spirals.csv', '--samples', '2', '--series', '1']],
    ['simulate', ['simulate', 'periodic', '--series', '2', '--out', 'p.csv']],
    ['inspect', ['inspect', model]],
    ['doctor', ['doctor']],
  ])('%s --json prints one JSON document and nothing else', async (_, words) => {
    const { code, out } = await node([...words, '--json']).done
    expect(code).toBe(0)
    expect(typeof JSON.parse(out)).toBe('object')
    expect(out.trimEnd()).not.toContain('\n')
  })

  test('a mistake: 2, no stack trace', async () => {
    expect(await node(['fit', 'none.csv']).done).toEqual({
      code: 2,
      signal: null,
      out: '',
      err: 'latent-ode: none.csv: there is no such file. Check the name and the folder you are in.\n',
    })
  })

  test('a solver that fails, for want of steps that were asked for: 2', async () => {
    const { code, out, err } = await node([
      'fit',
      'spirals.csv',
      ...tiny,
      '--max-steps',
      '1',
      '--rtol',
      '1e-6',
      '--out',
      'none.model.safetensors',
      '--quiet',
    ]).done
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^latent-ode: In epoch 1 the solver failed/)
  })

  test('a model through /dev/stdout, a pipe of the shell, and >: the same weights as in a file', async () => {
    const words = `fit spirals.csv --epochs 1 ${tiny.join(' ')}`
    const { parameters } = await readModel('spirals.model.safetensors')
    expect((await shell(`latent-ode ${words} --out /dev/stdout 2> said.txt | cat > piped.safetensors`).done).code).toBe(0)
    expect(readFileSync('said.txt', 'utf8')).toMatch(/\nTraining +1 epoch/)
    expect((await readModel('piped.safetensors')).parameters).toEqual(parameters)
    // The file that the shell has opened is the one that is written, after what is in it.
    expect((await shell(`(printf before; latent-ode ${words} --out /dev/stdout --quiet; printf after) > shared`).done).code).toBe(0)
    const shared = readFileSync('shared')
    expect([shared.subarray(0, 6).toString(), shared.subarray(-5).toString()]).toEqual(['before', 'after'])
    writeFileSync('cut.safetensors', shared.subarray(6, -5))
    expect((await readModel('cut.safetensors')).parameters).toEqual(parameters)
    if (existsSync('/bin/bash')) {
      expect(
        (
          await start('/bin/bash', [
            '-c',
            `${process.execPath} ${program.main} ${words} --quiet --out >(cat > substituted.safetensors); wait`,
          ]).done
        ).code,
      ).toBe(0)
      while (!existsSync('substituted.safetensors') || statSync('substituted.safetensors').size < shared.length - 11) await sleep(5)
      expect((await readModel('substituted.safetensors')).parameters).toEqual(parameters)
    }
  })

  test('standard input', async () => {
    const { code, out } = await shell('cat spirals.csv | latent-ode inspect - --json').done
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ series: 12, rows: 96 })
    expect((await shell('gzip -c spirals.csv | latent-ode inspect - --json').done).code).toBe(0)
  })

  test('a reader that closes early is no error', async () => {
    const { out, err } = await shell('(latent-ode simulate periodic --out -; echo "code $?" >&2) | head -2').done
    expect(out.split('\n')[0]).toBe('id,time,value')
    expect(err).toBe('code 0\n')
  })

  test.skipIf(!existsSync('/dev/full'))('a full disk behind standard output: 2', async () => {
    const { code, err } = await shell('latent-ode simulate periodic --out - > /dev/full').done
    expect([code, err]).toEqual([
      2,
      'latent-ode: Standard output cannot be written: the disk is full. Make room, or write to another place with --out.\n',
    ])
  })

  test('help loads no TensorFlow.js, no Vega, no tables', async () => {
    const hook =
      'data:text/javascript,' +
      encodeURIComponent(
        'import { writeSync } from "node:fs"; export async function load(url, context, next) { writeSync(2, url + "\\n"); return ' +
          'next(url, context) }',
      )
    const register =
      'data:text/javascript,' + encodeURIComponent(`import { register } from "node:module"; register(${JSON.stringify(hook)})`)
    for (const words of [['--help'], ['fit', '--help'], ['report', '--help'], ['fti']]) {
      const { err } = await start(process.execPath, ['--import', register, program.main, ...words]).done
      expect(err).toContain('overview.js')
      expect(err).not.toMatch(/tensorflow|vega|arquero|csv-parse/)
      // What everybody asks first comes at once.
      if (words[0] === '--help') expect(err).not.toMatch(/yargs|zod/)
    }
    // The hook sees them where they are needed.
    expect((await start(process.execPath, ['--import', register, program.main, 'doctor']).done).err).toMatch(/tensorflow/)
  })
})

describe('killed and resumed', () => {
  const epochs = 25
  const fit = (out: string, ...more: string[]) =>
    node(['fit', 'spirals.csv', '--epochs', String(epochs), '--patience', '0', ...tiny, '--out', out, ...more])

  /** Waits until training has saved something new, then a random moment longer; false if it ended before. */
  async function untilUnderWay(checkpoint: string, done: Promise<Finished>): Promise<boolean> {
    const since = existsSync(checkpoint) ? statSync(checkpoint).mtimeMs : 0
    let ended = false
    void done.then(() => (ended = true))
    while (!ended && !(existsSync(checkpoint) && statSync(checkpoint).mtimeMs > since)) await sleep(3)
    await sleep(200 * Math.random())
    return !ended
  }

  test('by Ctrl-C and by SIGKILL at random steps: the same weights, to the bit, as without', async () => {
    expect((await fit('whole.model.safetensors', '--quiet').done).code).toBe(0)
    const whole = await readModel('whole.model.safetensors')
    const checkpoint = 'parts.checkpoint.safetensors'
    const at: string[] = []
    let result: Finished | undefined
    for (let attempt = 0; result === undefined || result.code !== 0; attempt++) {
      const signal = attempt >= 4 ? undefined : attempt % 2 === 0 ? 'SIGINT' : 'SIGKILL'
      const { child, done } = fit('parts.model.safetensors', ...(attempt === 0 ? [] : ['--resume']))
      if (signal !== undefined && (await untilUnderWay(checkpoint, done))) child.kill(signal)
      result = await done
      if (signal === 'SIGKILL' && result.signal === 'SIGKILL') {
        at.push(`killed: ${existsSync(checkpoint) ? (await readCheckpoint(checkpoint)).state.step : 'before the first checkpoint'}`)
      } else if (signal === 'SIGINT' && result.code !== 0) {
        const { state } = await readCheckpoint(checkpoint)
        at.push(`interrupted: ${state.step}`)
        expect(result).toMatchObject({ code: 130, signal: null })
        expect(result.err).toContain('Warning: Finishing the step, then saving. Ctrl-C again ends at once.')
        expect(result.out).toBe(
          `Interrupted after ${state.step} steps (${state.epoch} whole ${state.epoch === 1 ? 'epoch' : 'epochs'}), saved in ` +
            `${checkpoint}.\nTo go on:\n  latent-ode fit spirals.csv --out parts.model.safetensors --resume\n`,
        )
        expect(existsSync('parts.model.safetensors')).toBe(false)
      } else {
        expect(result, at.join(', ')).toMatchObject({ code: 0 })
      }
      if (attempt > 6) throw new Error(`Training did not end: ${at.join(', ')}`)
    }
    const parts = await readModel('parts.model.safetensors')
    expect(at.length, 'it was stopped at least once').toBeGreaterThan(0)
    expect(parts.parameters, at.join(', ')).toEqual(whole.parameters)
    expect(parts.keptEpoch).toBe(whole.keptEpoch)
    expect(parts.history.map(({ seconds: _, ...record }) => record)).toEqual(whole.history.map(({ seconds: _, ...record }) => record))
    // What a killed run left, the next has removed.
    expect(readdirSync(folder.path).filter((name) => /checkpoint|lock|tmp/.test(name))).toEqual([])
  }, 180_000)

  test('--json: an interrupted fit is one document, too', async () => {
    const { child, done } = fit('json.model.safetensors', '--json')
    await untilUnderWay('json.checkpoint.safetensors', done)
    child.kill('SIGINT')
    const { code, out } = await done
    expect(code).toBe(130)
    expect(JSON.parse(out)).toMatchObject({
      interrupted: true,
      checkpoint: 'json.checkpoint.safetensors',
      resume: 'latent-ode fit spirals.csv --out json.model.safetensors --resume',
    })
    const { step } = (await readCheckpoint('json.checkpoint.safetensors')).state
    expect((JSON.parse(out) as { step: number }).step).toBe(step)
  })

  test.each(['SIGTERM', 'SIGHUP'] as const)(
    '%s saves as Ctrl-C does, also where it comes twice from a terminal that closes',
    async (signal) => {
      const checkpoint = `${signal}.checkpoint.safetensors`
      const { child, done } = fit(`${signal}.model.safetensors`, '--epochs', '100000')
      await untilUnderWay(checkpoint, done)
      child.kill(signal)
      if (signal === 'SIGHUP') child.kill(signal)
      const { code, out } = await done
      const { state } = await readCheckpoint(checkpoint)
      expect(code).toBe(130)
      expect(out).toContain(`Interrupted after ${state.step.toLocaleString('en')} steps`)
      expect(readdirSync('.').filter((name) => name.includes(signal))).toEqual([checkpoint])
    },
  )

  test.skipIf(!existsSync('/usr/bin/nohup') || !existsSync('/bin/bash'))('under nohup a terminal that closes ends nothing', async () => {
    const { child, done } = start('/bin/bash', [
      '-c',
      `nohup ${process.execPath} ${program.main} fit spirals.csv --epochs 40 --patience 0 ${tiny.join(' ')} --out ` +
        "nohup.model.safetensors < /dev/null & trap '' HUP; while ! [ -e nohup.checkpoint.safetensors ]; do sleep 0.01; done; kill " +
        '-HUP $!; wait $!',
    ])
    const { code } = await done
    expect([code, child.signalCode]).toEqual([0, null])
    expect(existsSync('nohup.model.safetensors')).toBe(true)
    expect(existsSync('nohup.checkpoint.safetensors')).toBe(false)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while data are read ends at once, with no lock left', async (signal) => {
    // Nobody writes to it: the fit waits.
    execFileSync('mkfifo', [`data-${signal}`])
    const { child, done } = node(['fit', `data-${signal}`, '--out', `reading-${signal}.safetensors`])
    while (!existsSync(`reading-${signal}.safetensors.lock`)) await sleep(5)
    child.kill(signal)
    expect(await done).toMatchObject({ code: null, signal })
    expect(readdirSync('.').filter((name) => name.includes(`reading-${signal}`) || name.endsWith('.lock'))).toEqual([])
  })

  test('Ctrl-C twice ends at once, with 130', async () => {
    const { child, done } = fit('twice.model.safetensors', '--epochs', '100000')
    await untilUnderWay('twice.checkpoint.safetensors', done)
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect((await done).code).toBe(130)
    expect(readdirSync('.').filter((name) => name.includes('twice'))).toEqual(['twice.checkpoint.safetensors'])
    // What was saved after the last epoch is whole.
    expect((await readCheckpoint('twice.checkpoint.safetensors')).state.epoch).toBeGreaterThan(0)
  })
})

describe('two fits to one path', () => {
  test('the second is refused while the first runs, whichever of the two files they share', async () => {
    const words = ['fit', 'spirals.csv', '--epochs', '100000', '--patience', '0', ...tiny, '--quiet']
    const first = node([...words, '--out', 'both.model.safetensors'])
    while (!existsSync('both.checkpoint.safetensors')) await sleep(5)
    const held = `another fit is writing it (process ${first.child.pid}, since `
    const second = await node([...words, '--out', 'both.model.safetensors']).done
    expect([second.code, second.out]).toEqual([2, ''])
    expect(second.err).toContain(`latent-ode: both.model.safetensors: ${held}`)
    const third = await node([...words, '--out', 'third.model.safetensors', '--checkpoint', 'both.checkpoint.safetensors']).done
    expect(third.code).toBe(2)
    expect(third.err).toContain(`latent-ode: both.checkpoint.safetensors: ${held}`)
    first.child.kill('SIGKILL')
    await first.done
    expect(readdirSync('.')).toContain('both.model.safetensors.lock')
    const fourth = await node([...words, '--out', 'both.model.safetensors', '--resume', '--epochs', '1']).done
    expect(fourth).toMatchObject({ code: 0, err: '' })
    expect(readdirSync('.').filter((name) => /both|third|lock|tmp/.test(name))).toEqual(['both.model.safetensors'])
  })
})

describe('--resume', () => {
  const stopped = async (out: string, ...more: string[]): Promise<string> => {
    const checkpoint = out.replace('.model', '.checkpoint')
    const { child, done } = node(['fit', 'spirals.csv', '--epochs', '500', '--seed', '3', ...tiny, '--out', out, '--quiet', ...more])
    while (!existsSync(checkpoint) && child.exitCode === null) await sleep(5)
    child.kill('SIGINT')
    expect(await done).toMatchObject({ code: 130 })
    return checkpoint
  }

  test('goes on with the options of the fit that was interrupted; epochs may change', async () => {
    const checkpoint = await stopped('r.model.safetensors')
    const { state } = await readCheckpoint(checkpoint)
    const inspected = await run('inspect', checkpoint)
    expect(inspected.out).toContain(`a checkpoint after ${state.step} steps`)
    const epochs = state.epoch + 2
    const { code, out, err } = await run(
      'fit',
      'spirals.csv',
      '--out',
      'r.model.safetensors',
      '--resume',
      '--epochs',
      String(epochs),
      '--latents',
      '2',
    )
    expect([code, err.includes('latent-ode:')]).toEqual([0, false])
    expect(out).toContain(`${epochs} epochs`)
    const { training, model } = await readModel('r.model.safetensors')
    expect(training).toMatchObject({ seed: 3, epochs, batchSize: 3 })
    expect(model).toMatchObject({ latents: 2 })
    expect(existsSync(checkpoint)).toBe(false)
  })

  test('a new fit says that it replaces what was interrupted; another place is another checkpoint', async () => {
    const checkpoint = await stopped('s.model.safetensors')
    const { err } = await run('fit', 'spirals.csv', '--out', 's.model.safetensors', '--epochs', '1', ...tiny)
    expect(err).toContain(`${checkpoint}, of a fit that was interrupted, will be replaced (--resume would go on with it).`)
    const named = await node([
      'fit',
      'spirals.csv',
      '--epochs',
      '1',
      ...tiny,
      '--out',
      't.model.safetensors',
      '--checkpoint',
      'elsewhere.safetensors',
      '--quiet',
    ]).done
    expect(named.code).toBe(0)
    expect(existsSync('elsewhere.safetensors')).toBe(false)
  })

  test('mistakes', async () => {
    const fit = (...words: string[]) => run('fit', 'spirals.csv', '--resume', '--quiet', ...words)
    expect(await fit('--out', 'never.model.safetensors')).toEqual({
      code: 2,
      out: '',
      err:
        'latent-ode: never.checkpoint.safetensors: there is no such checkpoint, so nothing to resume. Name it with --checkpoint, or ' +
        'start anew without --resume.\n',
    })
    expect((await fit('--out', 'n.safetensors', '--checkpoint', 'spirals.model.safetensors')).err).toContain(
      'spirals.model.safetensors is a finished model, not a checkpoint: there is nothing to resume.',
    )
    const checkpoint = await stopped('u.model.safetensors')
    const bytes = readFileSync(checkpoint)
    const changed = await fit('--out', 'u.model.safetensors', '--latents', '5')
    expect(changed).toEqual({
      code: 2,
      out: '',
      err:
        'latent-ode: --latents is 5, but the fit to go on with has 2. With --resume only --epochs, --budget and --patience may change: leave it ' +
        'out, or start anew without --resume.\n',
    })
    expect((await fit('--out', 'u.model.safetensors', '--transform', 'log')).err).toContain(
      '--transform has been settled by the fit to go on with. With --resume leave it out, or start anew without --resume.',
    )
    expect((await fit('--out', 'u.model.safetensors', '--values', 'x')).err).toContain(
      '--values is ["x"], but the fit to go on with has ["x","y"].',
    )
    folder.write('half.checkpoint.safetensors', bytes.subarray(0, bytes.length / 2))
    expect(await fit('--out', 'half.model.safetensors')).toMatchObject({
      code: 2,
      err: expect.stringContaining('half.checkpoint.safetensors is not a usable safetensors file'),
    })
    // None of these touched what was saved.
    expect(readFileSync(checkpoint).equals(bytes)).toBe(true)
  })
})
