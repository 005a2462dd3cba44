import { readFileSync } from 'node:fs'
import { beforeAll, expect } from 'vitest'
import { run, type Result, type useFolder } from '../io.js'

/** The model file of `useFittedModel`. */
export const model = 'spirals.model.safetensors'

/** Sizes at which a fit takes a moment. */
export const tiny = [
  ...['--epochs', '2', '--latents', '2', '--encoder-units', '4', '--encoder-field-units', '4', '--field-units', '4'],
  ...['--decoder-units', '4', '--samples', '1', '--validation-samples', '1', '--batch-size', '4', '--min-steps', '1'],
]

/** As `tiny`, for models that have not all of its options. */
export const small = ['--epochs', '2', '--field-units', '4', '--decoder-units', '4', '--batch-size', '4', '--min-steps', '1']

/** Without what a fit does with a model once it is trained: half of the time of a tiny one. */
export const trainedOnly = ['--stack', 'none', '--no-calibrate']

/** Runs a command line that has to succeed. */
export async function good(...words: string[]): Promise<Result> {
  const result = await run(...words)
  expect(result.err).not.toContain('latent-ode:')
  expect(result.code).toBe(0)
  return result
}

/** Cells of a CSV text without quotes, by column. */
export function table(text: string): Record<string, string>[] {
  const [header, ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((cells) => Object.fromEntries(header!.map((name, i) => [name, cells[i]!])))
}

/** Made by the first that asks; the other files that share its process get copies. */
let made: { readonly data: Buffer; readonly model: Buffer } | undefined

/** In the folder: `spirals.csv`, 12 series of 8 rows, and a tiny model fitted to it. */
export function useFittedModel(folder: ReturnType<typeof useFolder>): void {
  beforeAll(async () => {
    if (made === undefined) {
      await good('simulate', 'spirals', '--series', '12', '--points', '8')
      await good('fit', 'spirals.csv', ...tiny)
      made = { data: readFileSync('spirals.csv'), model: readFileSync(model) }
    } else {
      folder.write('spirals.csv', made.data)
      folder.write(model, made.model)
    }
  }, 60_000)
}
