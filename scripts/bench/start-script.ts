import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')
const scripts = z.object({ scripts: z.object({ start: z.string() }) })
const serverFile = 'src/main.ts'

/** Node's options in the script `start` of `package.json`: with them the server is measured as `npm start` runs it. */
export function startOptions(): string[] {
  return nodeOptionsIn(scripts.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).scripts.start)
}

/**
 * Pure.
 *
 * @throws Error for a script that is anything but Node, its options, and the server
 */
export function nodeOptionsIn(script: string): string[] {
  const [node, ...options] = script.trim().split(/\s+/)
  const file = options.pop()
  if (node === 'node' && file === serverFile && options.every((option) => /^--[\w-]+(=\S+)?$/.test(option)))
    return options
  throw new Error(
    `package.json: expected the script start to be node [--option[=value] …] ${serverFile}, got: ${script}`,
  )
}
