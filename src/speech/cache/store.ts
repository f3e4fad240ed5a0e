import { LRUCache } from 'lru-cache'
import type { Clock } from '../../ops/clock.ts'
import type { Audio } from './audio.ts'
import type { AudioFolder } from './folder.ts'

/** Where rendered utterances are kept. Nothing here throws or rejects: what cannot be kept is rendered again. */
export interface AudioStore {
  /** What is in memory. */
  peek(key: string): Audio | undefined
  /** From memory, or from the disk. */
  read(key: string): Promise<Audio | undefined>
  /** Whether `read` would most likely find it. */
  has(key: string): Promise<boolean>
  /** Keeps it. Returns at once; the disk follows. */
  write(key: string, audio: Audio): void
  /** Resolves when what was to be written is, or cannot be, within a second. */
  close(): Promise<void>
}

export interface AudioStoreOptions {
  readonly clock: Clock
  readonly memoryBytes: number
  /** How long audio is used after it was rendered. */
  readonly keepMs: number
  /** Where there is one, what is forgotten in memory is found there again, also by other processes. */
  readonly folder?: AudioFolder | undefined
}

/** Memory over disk; in both the least recently used goes first. */
export function createAudioStore({ clock, memoryBytes, keepMs, folder }: AudioStoreOptions): AudioStore {
  // Its own time to live would ask the machine for the time.
  const memory = new LRUCache<string, { readonly audio: Audio; readonly madeMs: number }>({
    maxSize: Math.max(1, memoryBytes),
    sizeCalculation: ({ audio }) => audio.reduce((sum, chunk) => sum + chunk.payload.length + chunkOverheadBytes, 1),
  })

  function peek(key: string): Audio | undefined {
    const kept = memory.get(key)
    if (!kept) return undefined
    if (clock.now() - kept.madeMs < keepMs) return kept.audio
    memory.delete(key)
    return undefined
  }

  return {
    peek,
    async read(key) {
      const kept = peek(key)
      if (kept || !folder) return kept
      const found = await folder.read(key)
      if (found) memory.set(key, found)
      return found?.audio
    },
    has: async (key) => peek(key) !== undefined || (await folder?.has(key)) === true,
    write(key, audio) {
      const madeMs = clock.now()
      memory.set(key, { audio, madeMs })
      folder?.write(key, audio, madeMs)
    },
    close: async () => folder?.close(),
  }
}

/** What a chunk takes in memory beside its characters, roughly. */
const chunkOverheadBytes = 100
