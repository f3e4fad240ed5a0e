import { z } from 'zod'

/** A `.cpuprofile`, as V8 writes it: who called whom, and who ran at each sample. Times in microseconds. */
export const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

export type CpuProfile = z.infer<typeof cpuProfile>
type ProfileNode = CpuProfile['nodes'][number]

/** Where code comes from. `native` is what has no file: functions in C++, and so the kernel's work for them, and garbage. */
export type Origin = 'ours' | 'package' | 'node' | 'native'

/** A function, called in one and the same way: the times of itself, and of itself with all that it called. */
export interface Stack {
  readonly name: string
  /** Of the project, of a package, or `node:…`; empty where there is none. */
  readonly file: string
  readonly origin: Origin
  readonly selfUs: number
  readonly totalUs: number
  /** The longest first. */
  readonly callees: readonly Stack[]
}

/** What nothing was done in. */
const idle = '(idle)'

/** The tree of what ran, without idle time. Functions of the same name and file that were called by the same are one. Pure. */
export function stacksOf({ nodes, samples, timeDeltas }: CpuProfile): Stack {
  const selfUs = new Map<number, number>()
  // A sample holds until the next one.
  for (const [index, id] of samples.entries())
    selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const [root] = nodes
  return merge(root ? [root] : [], byId, selfUs)
}

/** @param same what is one and the same function */
function merge(
  same: readonly ProfileNode[],
  byId: ReadonlyMap<number, ProfileNode>,
  selfUs: ReadonlyMap<number, number>,
): Stack {
  const groups = new Map<string, ProfileNode[]>()
  for (const { children = [] } of same)
    for (const child of children) {
      const node = byId.get(child)
      if (!node || node.callFrame.functionName === idle) continue
      const key = `${nameOf(node)} ${node.callFrame.url}`
      const group = groups.get(key)
      if (group) group.push(node)
      else groups.set(key, [node])
    }
  const callees = [...groups.values()]
    .map((group) => merge(group, byId, selfUs))
    .toSorted((one, other) => other.totalUs - one.totalUs)
  const ownUs = same.reduce((sum, { id }) => sum + (selfUs.get(id) ?? 0), 0)
  const [first] = same
  return {
    name: first ? nameOf(first) : '',
    file: fileOf(first?.callFrame.url ?? ''),
    origin: originOf(first?.callFrame.url ?? ''),
    selfUs: ownUs,
    totalUs: callees.reduce((sum, { totalUs }) => sum + totalUs, ownUs),
    callees,
  }
}

/** A function without a name is told by its line. */
function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  return functionName === '' ? `${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}` : functionName
}

const packages = 'node_modules/'

/** Nothing of where the project lies on this machine. */
function fileOf(url: string): string {
  if (url.startsWith('node:')) return url
  if (url.includes(packages)) return url.slice(url.lastIndexOf(packages) + packages.length)
  return /(?:^|\/)((?:src|scripts)\/.*)$/.exec(url)?.[1] ?? url.slice(url.lastIndexOf('/') + 1)
}

function originOf(url: string): Origin {
  if (url === '') return 'native'
  if (url.startsWith('node:')) return 'node'
  return url.includes(packages) ? 'package' : 'ours'
}
