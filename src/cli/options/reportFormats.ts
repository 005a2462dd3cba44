/** What a report can be written as. */
export const formats = ['html', 'svg', 'png', 'md'] as const
export type Format = (typeof formats)[number]
