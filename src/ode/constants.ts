/** The numbers that have names. */
export const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E }
