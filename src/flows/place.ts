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
  const places = placesOf(thrown)
  const place = places.find(({ path }) => !path.startsWith(ourSources)) ?? places[0]
  return place && `${basename(place.path)}:${place.line}`
}
