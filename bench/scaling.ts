import type { BenchOptions } from './options.js'
export async function measureScaling(_options: BenchOptions): Promise<void> {}
