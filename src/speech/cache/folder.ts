import { mkdir, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Audio } from './audio.ts'
import { maxFileBytes, readAudioFile, writeAudioFile } from './audio-file.ts'
import { sweepFolder, temporaryName } from './sweep.ts'

/** Rendered utterances on disk. Nothing rejects: a disk that does not do its part only makes misses. */
export interface AudioFolder {
  read(key: string): Promise<{ readonly audio: Audio; readonly madeMs: number } | undefined>
  has(key: string): Promise<boolean>
  write(key: string, audio: Audio, madeMs: number): void
  close(): Promise<void>
}

export interface AudioFolderOptions {
  /** Made when the first utterance is kept, for its owner only. Processes of one machine may share it. */
  readonly folder: string
  readonly maxBytes: number
  readonly keepMs: number
  readonly clock: Clock
  readonly log: Log
}

/** A disk slower than this is slower than rendering anew. */
const readWithinMs = 500
const closeWithinMs = 1_000
/** After a write that failed the disk is left alone for a while. */
const retryMs = 30_000
/** Utterances that may wait to be written; more are kept in memory only. */
const waitingLimit = 200
/** The folder is looked through at the first use, when it has grown by a tenth of its limit, and so often. */
const sweepEveryMs = 3_600_000

/**
 * One file for each utterance, `ab/abcd….cbs`: written under another name, then renamed, so that no reader sees half of
 * one, and checked when it is read. When it was rendered stands as the file's mtime, when it was last used as its atime.
 */
export function createAudioFolder({ folder, maxBytes, keepMs, clock, log }: AudioFolderOptions): AudioFolder {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), `${key}.cbs`)
  const expired = (madeMs: number) => clock.now() - madeMs >= keepMs
  let waiting = 0
  let writing: Promise<void> = Promise.resolve()
  let sweeping: Promise<void> | undefined
  let sweptMs = Number.NEGATIVE_INFINITY
  let grownBytes = 0
  let failedMs = Number.NEGATIVE_INFINITY
  let complained = false
  let closed = false

  function complain(thrown: unknown): void {
    failedMs = clock.now()
    if (!complained)
      log.warn(
        { systemCode: systemCode(thrown) },
        'the speech cache cannot be written: it goes on in memory. Look at DATA_DIR and the disk',
      )
    complained = true
  }

  async function load(key: string): Promise<{ audio: Audio; madeMs: number } | undefined> {
    const path = pathOf(key)
    try {
      const { mtimeMs, size } = await stat(path)
      const audio = expired(mtimeMs) || size > maxFileBytes ? undefined : readAudioFile(key, await readFile(path))
      if (!audio) {
        await unlink(path)
        return undefined
      }
      await utimes(path, clock.now() / 1000, mtimeMs / 1000).catch(() => {})
      return { audio, madeMs: mtimeMs }
    } catch {
      // Most often: it is not there.
      return undefined
    }
  }

  async function save(key: string, audio: Audio, madeMs: number): Promise<void> {
    if (clock.now() - failedMs < retryMs) return
    const path = pathOf(key)
    const temporary = join(dirname(path), temporaryName(key))
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const bytes = writeAudioFile(key, audio)
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.utimes(clock.now() / 1000, madeMs / 1000)
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      grownBytes += bytes.length
      complained = false
    } catch (thrown) {
      await unlink(temporary).catch(() => {})
      complain(thrown)
    }
  }

  async function sweep(): Promise<void> {
    const due = clock.now() - sweptMs >= sweepEveryMs || grownBytes > maxBytes / 10
    if (sweeping || closed || !due) return sweeping
    sweptMs = clock.now()
    grownBytes = 0
    sweeping = sweepFolder(folder, { maxBytes, isExpired: expired, stopped: () => closed }).finally(() => {
      sweeping = undefined
    })
    return sweeping
  }

  return {
    read(key) {
      void sweep()
      return within(readWithinMs, load(key))
    },
    has: async (key) =>
      (await within(
        readWithinMs,
        stat(pathOf(key)).then(
          ({ mtimeMs }) => !expired(mtimeMs),
          () => false,
        ),
      )) === true,
    write(key, audio, madeMs) {
      if (closed || waiting >= waitingLimit) return
      waiting++
      writing = writing
        .then(() => save(key, audio, madeMs))
        .then(() => {
          waiting--
          // What grows faster than it is looked through would have no limit.
          return sweep()
        })
    },
    async close() {
      closed = true
      await within(closeWithinMs, Promise.all([writing, sweeping]))
    },
  }

  async function within<T>(ms: number, done: Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>()
    const timer: Timer = clock.after(ms, () => late.resolve(undefined))
    try {
      return await Promise.race([done, late.promise])
    } finally {
      timer.cancel()
    }
  }
}

/** ENOSPC, EROFS and their like: the message of a system error holds a path. */
function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
}
