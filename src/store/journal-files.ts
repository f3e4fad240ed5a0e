import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'

/**
 * The names of journals: `calls-<pid>-<ticks>-<random>.jsonl`, where `ticks` is when the process started, as Linux
 * counts it (0 elsewhere). Each process appends to a journal of its own, so no two ever write one file.
 */
export interface JournalName {
  readonly file: string
  readonly pid: number
  readonly ticks: string
}

const form = /^calls-(\d{1,10})-(\d{1,20})-[0-9a-f]{12}\.jsonl$/

export function newJournalName(): string {
  return `calls-${process.pid}-${startTicks(process.pid) ?? '0'}-${randomBytes(6).toString('hex')}.jsonl`
}

function parseJournalName(file: string): JournalName | undefined {
  const match = form.exec(file)
  return match ? { file, pid: Number(match[1]), ticks: match[2] ?? '0' } : undefined
}

/** The journals of a folder, by name. @throws the system's error */
export async function journalsIn(folder: string): Promise<readonly JournalName[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => parseJournalName(entry.name))
    .filter((name) => name !== undefined)
    .sort((one, other) => (one.file < other.file ? -1 : 1))
}

/**
 * Whether the process that writes a journal still runs. Our own number never counts: a container's process is always
 * number 1, so a journal that names it and is not ours was left by the one before. A number that was given to a later
 * process is told by when that one started.
 */
export function isWriterAlive(name: JournalName): boolean {
  if (name.pid === process.pid) return false
  try {
    process.kill(name.pid, 0)
  } catch (thrown) {
    // Not ours to signal, but there.
    const denied = thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
    if (!denied) return false
  }
  const ticks = startTicks(name.pid)
  return name.ticks === '0' || ticks === undefined || ticks === name.ticks
}

/** Field 22 of /proc/<pid>/stat; the second field, the program's name, may hold spaces and brackets. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
