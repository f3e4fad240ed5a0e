import { randomBytes } from 'node:crypto'
import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

const keptName = /^[0-9a-f]{64}\.cbs$/
const temporary = /^[0-9a-f]{64}\.(\d{1,10})-([0-9a-f]{8})-[0-9a-f]{8}\.tmp$/
/** In a container every process has the same number: this tells ours from the one before. */
const mark = randomBytes(4).toString('hex')

/** The name of a file while this process writes it. */
export function temporaryName(key: string): string {
  return `${key}.${process.pid}-${mark}-${randomBytes(4).toString('hex')}.tmp`
}

/** How full the folder is left: it need not be swept again at once. */
const fullness = 0.9

/**
 * Removes what has expired, what a dead process was writing, and the least recently used until the rest takes at most
 * nine tenths of `maxBytes`. Other files are left alone. Two processes may sweep at once. Never rejects.
 *
 * @param isExpired of a file's mtime; `stopped`: no more is wanted
 */
export async function sweepFolder(
  folder: string,
  {
    maxBytes,
    isExpired,
    stopped,
  }: { maxBytes: number; isExpired: (madeMs: number) => boolean; stopped: () => boolean },
): Promise<void> {
  const kept: { readonly path: string; readonly size: number; readonly usedMs: number }[] = []
  let totalBytes = 0
  for (const part of await namesIn(folder)) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue
    for (const name of await namesIn(join(folder, part))) {
      if (stopped()) return
      const path = join(folder, part, name)
      const [, writer, writersMark] = temporary.exec(name) ?? []
      if (writer !== undefined && !isBeingWritten(Number(writer), writersMark)) await remove(path)
      if (!keptName.test(name)) continue
      const facts = await stat(path).catch(() => undefined)
      if (!facts) continue
      if (isExpired(facts.mtimeMs)) await remove(path)
      else {
        kept.push({ path, size: facts.size, usedMs: facts.atimeMs })
        totalBytes += facts.size
      }
    }
  }
  if (totalBytes <= maxBytes * fullness) return
  kept.sort((one, other) => one.usedMs - other.usedMs)
  for (const { path, size } of kept) {
    if (totalBytes <= maxBytes * fullness || stopped()) return
    await remove(path)
    totalBytes -= size
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => {})
}

function isBeingWritten(pid: number, writersMark: string | undefined): boolean {
  if (pid === process.pid) return writersMark === mark
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // Not ours to signal, but there.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
