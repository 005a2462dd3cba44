import { z } from 'zod'

/** What JSON can hold of any number: NaN and infinities (a loss without validation series) are null there. */
export const real = z.union([z.number(), z.null().transform(() => NaN)])
/** The same of what is never below zero. */
export const realFromZero = z.union([z.number().min(0), z.null().transform(() => NaN)])
/** A count, exact in a double. */
export const whole = z.number().int().min(0)

/**
 * An array of up to `most` items, checked one after the other up to the first that does not fit: a damaged file may
 * have a million of them.
 */
export const listOf = <Item extends z.ZodType>(item: Item, most: number) =>
  z
    .array(z.unknown())
    .max(most)
    .transform((values, context): z.output<Item>[] => {
      const items: z.output<Item>[] = []
      for (const [i, value] of values.entries()) {
        const parsed = item.safeParse(value)
        if (!parsed.success) {
          const [issue] = parsed.error.issues
          context.addIssue({ code: 'custom', path: [i, ...issue!.path], message: issue!.message })
          return z.NEVER
        }
        items.push(parsed.data)
      }
      return items
    })

/** The first problem that a schema found, and where: `history.3.epoch: …`. */
export function firstIssue({ issues: [issue] }: z.ZodError, within: readonly string[] = []): string {
  return `${[...within, ...issue!.path].join('.') || 'the whole'}: ${shorten(issue!.message)}`
}

/** A text of a file as part of a message: what is damaged may be long. */
export const shorten = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text)
