import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const ourSources = fileURLToPath(new URL('..', import.meta.url))

/** File and line of every place in a stack that is no library's, the innermost first. */
function placesOf(thrown: unknown): { readonly path: string; readonly line: string }[] {
  if (!(thrown instanceof Error)) return []
  const frames = (thrown.stack ?? '').matchAll(/(?:^|[\s(])((?:file:\/\/)?\/[^\s()]+?):(\d+)/gm)
  return Array.from(frames, ([, place = '', line = '']) => ({
    path: (place.startsWith('file:') ? fileURLToPath(place) : place).replace(/\?.*$/, ''),
    line,
  })).filter(({ path }) => !path.includes('/node_modules/'))
}

/** Where a file could not be loaded; `loader` is the file that loads. */
export function placeOfFault(thrown: unknown, loader: string): string | undefined {
  const place = placesOf(thrown).find(({ path }) => path !== loader)
  return place && `${place.path}:${place.line}`
}

/** Where a flow threw, for its author: the file's name and the line, in a file of theirs rather than in one of ours. */
export function placeInFlow(thrown: unknown): string | undefined {
  const [first] = placesOf(thrown)
  return placeOfAuthor(thrown) ?? (first && named(first))
}

/** The same, and undefined where all of it happened in files of ours. */
export function placeOfAuthor(thrown: unknown): string | undefined {
  const place = placesOf(thrown).find(({ path }) => !path.startsWith(ourSources))
  return place && named(place)
}

function named({ path, line }: { readonly path: string; readonly line: string }): string {
  return `${basename(path)}:${line}`
}
