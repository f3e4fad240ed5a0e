import { mkdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { CallRecord, CallRecords } from '../call/records.ts'
import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import { isWriterAlive, type JournalName, journalsIn, newJournalName } from './journal-files.ts'
import { createJournalWriter } from './journal-writer.ts'
import { createRecordIndex } from './record-index.ts'
import { laterRecord, readRecordLines, recordLine } from './record-lines.ts'

export interface FileRecordsOptions {
  /** Made if it is not there, for its owner only. One folder serves the processes of one machine. */
  readonly folder: string
  /** Ended calls are forgotten, at the next start, so long after they ended. */
  readonly keepDays: number
  readonly clock: Clock
  readonly log: Logger
  /** Records in memory; past it the oldest ended ones are forgotten. */
  readonly limit?: number
  readonly compactBytes?: number
}

const dayMs = 86_400_000

/**
 * Call records in a folder: each process appends whole records to a journal of its own, one JSON object a line. At the
 * start all journals are read; those of dead processes are written into ours, and deleted once that is safe.
 *
 * `save` resolves when the line is in the file, where it survives the process; for what must survive the machine (a
 * call's creation, its id at Twilio, its end) when the disk has it. A disk that takes nothing is no reason to refuse a
 * call: then `healthy` is false, the log says so once, and what failed is written when the disk takes it again.
 *
 * Never throws: a folder that cannot be used leaves records in memory only, and `healthy` false.
 */
export async function openFileRecords(options: FileRecordsOptions): Promise<CallRecords> {
  const { folder, clock, log, limit = 100_000, compactBytes = 64_000_000 } = options
  /** What our journal must hold; the rest belongs to processes that still run. */
  const own = new Set<string>()
  const inherited = new Set<string>()
  const index = createRecordIndex({ limit, forgot: (callId) => void own.delete(callId) })
  const isExpired = (record: CallRecord) =>
    record.state === 'ended' && Date.parse(record.updatedAt) < clock.now() - options.keepDays * dayMs

  const writer = createJournalWriter({
    folder,
    clock,
    compactBytes,
    *everything() {
      for (const callId of own) {
        const record = index.find(callId)
        if (record && !isExpired(record)) yield recordLine(record)
      }
    },
    failed: (error) =>
      log.error(
        { errorCode: 'records.unwritable', systemCode: systemCode(error) },
        'call records cannot be written: calls go on, but would be forgotten by a restart. Look at DATA_DIR and the disk',
      ),
    recovered: () => log.warn('call records are written again'),
  })

  const dead = await load()
  // Writing nothing makes the journal, with all that was taken over in it.
  const safe = await writer.append('', '', true).then(
    () => true,
    () => false,
  )
  if (safe) for (const path of dead) await unlink(path).catch(() => {})

  /** Reads all journals. Returns the paths of those that are ours to delete. */
  async function load(): Promise<readonly string[]> {
    const counts = { journals: 0, unreadable: 0, garbage: 0, duplicates: 0, expired: 0 }
    const latest = new Map<string, { readonly record: CallRecord; readonly alive: boolean }>()
    const claimed: string[] = []
    for (const name of await journals()) {
      counts.journals++
      const alive = isWriterAlive(name)
      const path = alive ? join(folder, name.file) : await claim(name)
      if (path === undefined) continue
      try {
        for await (const record of readRecordLines(path, () => counts.garbage++)) {
          const known = latest.get(record.callId)
          if (known) counts.duplicates++
          if (!known || laterRecord(known.record, record) === record) latest.set(record.callId, { record, alive })
        }
        if (!alive) claimed.push(path)
      } catch (thrown) {
        counts.unreadable++
        log.warn({ systemCode: systemCode(thrown) }, 'a journal of call records cannot be read; it is left alone')
      }
    }
    const kept = [...latest.values()].filter(({ record }) => !isExpired(record))
    counts.expired = latest.size - kept.length
    kept.sort((one, other) => Date.parse(one.record.createdAt) - Date.parse(other.record.createdAt))
    for (const { record, alive } of kept) {
      if (!alive) {
        own.add(record.callId)
        inherited.add(record.callId)
      }
      index.put(record)
    }
    if (counts.journals > 0) log.info({ ...counts, records: index.size }, 'call records read')
    return claimed
  }

  async function journals(): Promise<readonly JournalName[]> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return await journalsIn(folder)
    } catch {
      // The first write says it aloud.
      return []
    }
  }

  /** Takes a dead process's journal by giving it our name: of two that start at once only one succeeds. */
  async function claim({ file }: JournalName): Promise<string | undefined> {
    const path = join(folder, newJournalName())
    try {
      await rename(join(folder, file), path)
      return path
    } catch (thrown) {
      // Gone: another process has it. Not allowed: it can still be read.
      return systemCode(thrown) === 'ENOENT' ? undefined : join(folder, file)
    }
  }

  return {
    async save(record) {
      const known = index.find(record.callId)
      const matters = !known || known.callSid !== record.callSid || record.state === 'ended'
      own.add(record.callId)
      index.put(record)
      try {
        await writer.append(record.callId, recordLine(record), matters)
      } catch (thrown) {
        const systemError = systemCode(thrown)
        throw new BridgeError('records.unwritable', `The call record could not be written (${systemError}).`, {
          details: { systemCode: systemError },
        })
      }
    },
    find: (callId) => index.find(callId),
    byIdempotencyKey: (key) => index.byIdempotencyKey(key),
    list: (filter) => index.list(filter),
    unfinished: () =>
      [...inherited]
        .map((callId) => index.find(callId))
        .filter((record) => record !== undefined)
        .filter((record) => record.state !== 'ended'),
    get healthy() {
      return writer.healthy
    },
    close: () => writer.close(),
  }
}

/** ENOSPC, EROFS and their like: the message of a system error holds a path. */
function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
}
