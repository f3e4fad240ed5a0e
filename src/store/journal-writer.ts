import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '../ops/clock.ts'
import { newJournalName } from './journal-files.ts'

/** Appends lines to a journal of this process: together where many come at once, each told when it is safe. */
export interface JournalWriter {
  /**
   * Resolves when the line is written; with `sync`, when the disk has it.
   * @param id lines of one id replace each other where a failed write is caught up on
   */
  append(id: string, line: string, sync: boolean): Promise<void>
  readonly healthy: boolean
  /** Writes what is waiting, closes the file. Idempotent. */
  close(): Promise<void>
}

export interface JournalWriterOptions {
  readonly folder: string
  readonly clock: Clock
  /** Every line the journal should hold now: for a journal that grew too long, or was deleted under us. */
  readonly everything: () => Iterable<string>
  readonly failed: (error: unknown) => void
  readonly recovered: () => void
  /** A journal that has grown by this much, and doubled, is written afresh. */
  readonly compactBytes: number
}

interface Waiting {
  readonly id: string
  readonly line: string
  readonly sync: boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** How long after a failed write it is tried again, also when no call comes. */
const retryMs = 5_000
/** Failed lines that are kept for the next try. */
const unsavedLimit = 10_000
/** Lines written in one go while a journal is written afresh, so that calls go on meanwhile. */
const linesAtOnce = 500

export function createJournalWriter(options: JournalWriterOptions): JournalWriter {
  const { folder, clock, everything } = options
  let waiting: Waiting[] = []
  /** The latest line of each id that could not be written. */
  const unsaved = new Map<string, string>()
  let file: { readonly handle: FileHandle; readonly path: string; bytes: number; freshBytes: number } | undefined
  let running: Promise<void> | undefined
  let retry: Timer | undefined
  let healthy = true
  /** A write failed half-way: what comes next must not be glued to its rest. */
  let torn = false
  let closed = false

  /** A new journal that holds everything; the one before goes when it is safe. */
  async function renew(): Promise<NonNullable<typeof file>> {
    const old = file
    const path = join(folder, newJournalName())
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(path, 'ax', 0o600)
    let bytes = 0
    try {
      let text: string[] = []
      for (const line of everything()) {
        text.push(line)
        if (text.length < linesAtOnce) continue
        bytes += await write(handle, text.join(''))
        text = []
      }
      bytes += await write(handle, text.join(''))
      await handle.datasync()
      await syncFolder(folder)
    } catch (thrown) {
      await handle.close()
      await unlink(path).catch(() => {})
      throw thrown
    }
    file = { handle, path, bytes, freshBytes: bytes }
    if (old) {
      await old.handle.close()
      await unlink(old.path).catch(() => {})
    }
    return file
  }

  async function current(): Promise<NonNullable<typeof file>> {
    if (!file) return renew()
    // Somebody deleted it: what goes on being written to it would be lost.
    if ((await file.handle.stat()).nlink === 0) return renew()
    const grown = file.bytes - file.freshBytes
    if (grown <= options.compactBytes || grown <= file.freshBytes) return file
    try {
      return await renew()
    } catch {
      // No room for two: the one we have goes on, and is tried again when it has doubled.
      file.freshBytes = file.bytes
      return file
    }
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    const journal = await current()
    const caughtUp = [...unsaved.values()]
    const text = `${torn ? '\n' : ''}${caughtUp.join('')}${batch.map(({ line }) => line).join('')}`
    torn = true
    journal.bytes += await write(journal.handle, text)
    torn = false
    if (caughtUp.length > 0 || batch.some(({ sync }) => sync)) await journal.handle.datasync()
    unsaved.clear()
  }

  async function run(): Promise<void> {
    do {
      const batch = waiting
      waiting = []
      try {
        await writeBatch(batch)
        for (const { resolve } of batch) resolve()
        if (!healthy) options.recovered()
        healthy = true
      } catch (thrown) {
        fail(batch, thrown)
      }
    } while (waiting.length > 0)
    running = undefined
  }

  function fail(batch: readonly Waiting[], thrown: unknown): void {
    for (const { id, line, reject } of batch) {
      // Deleted first, so that the latest stands last.
      unsaved.delete(id)
      unsaved.set(id, line)
      reject(thrown)
    }
    for (const id of unsaved.keys()) {
      if (unsaved.size <= unsavedLimit) break
      unsaved.delete(id)
    }
    if (healthy) options.failed(thrown)
    healthy = false
    retry?.cancel()
    if (!closed) retry = clock.after(retryMs, start)
  }

  function start(): void {
    running ??= run()
  }

  return {
    append(id, line, sync) {
      if (closed) return Promise.reject(new Error('the journal is closed'))
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ id, line, sync, resolve, reject })
      start()
      return promise
    },
    get healthy() {
      return healthy
    },
    async close() {
      if (closed) return
      closed = true
      retry?.cancel()
      if (unsaved.size > 0) start()
      await running
      await file?.handle.close().catch(() => {})
      if (file?.bytes === 0) await unlink(file.path).catch(() => {})
    },
  }
}

async function write(handle: FileHandle, text: string): Promise<number> {
  const bytes = Buffer.from(text)
  // `appendFile` goes on after a short write.
  if (bytes.length > 0) await handle.appendFile(bytes)
  return bytes.length
}

/** Makes a new name in a folder outlive a power cut; not every system can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // Windows, and some network disks.
  }
}
