import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { mulawWav, mulawWavHeader, wavHeaderBytes } from '../audio/wav.ts'
import { BridgeError } from '../errors.ts'

/** Where a recording goes. */
export interface RecordingSink {
  /** Takes mu-law. Never waits. Throws `recording.unwritable` when the disk does not take it. */
  write(audio: Uint8Array): void
  /** Makes a WAV file of what came: the file, or its bytes. Rejects with `recording.unwritable`, and leaves nothing then. */
  finish(): Promise<{ readonly file: string } | { readonly bytes: Uint8Array }>
  /** Leaves nothing. */
  discard(): Promise<void>
}

/** Half a second of sound: what is lost at most when the process dies. */
const writeBytes = 4_000
/** A disk that is two minutes behind does not work. */
const maxWaitingBytes = 1_000_000

export function recordToMemory(): RecordingSink {
  const parts: Uint8Array[] = []
  return {
    write: (audio) => void parts.push(audio),
    finish: async () => ({ bytes: mulawWav(Buffer.concat(parts)) }),
    discard: async () => {},
  }
}

/**
 * Writes a recording as it comes, under a temporary name beside `file`, for its owner alone; `finish` gives it its name,
 * over what was there. Rejects with `recording.unwritable` when that cannot be done. No message names the file: its name
 * may tell who is recorded.
 *
 * @param maxBytes what the header claims until the true number is known; a file that a dead process left can be read
 */
export async function recordToFile(file: string, maxBytes: number): Promise<RecordingSink> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.part`
  if (await isFolder(file)) throw unwritable('expected the name of a file, got a folder')
  const handle = await begun(temporary, maxBytes).catch((thrown: unknown) => {
    throw unwritable(codeOf(thrown), thrown)
  })
  let audioBytes = 0
  let waitingBytes = 0
  let buffered: Uint8Array[] = []
  let bufferedBytes = 0
  let failure: BridgeError | undefined
  let writing = Promise.resolve()

  function flush(): void {
    const piece = Buffer.concat(buffered)
    buffered = []
    bufferedBytes = 0
    waitingBytes += piece.length
    if (waitingBytes > maxWaitingBytes) failure ??= unwritable('the disk is too slow')
    writing = writing
      .then(() => (failure ? undefined : handle.appendFile(piece)))
      .then(
        () => {
          waitingBytes -= piece.length
        },
        (thrown: unknown) => {
          failure ??= unwritable(codeOf(thrown), thrown)
        },
      )
  }

  async function discard(): Promise<void> {
    await writing
    await handle.close().catch(() => {})
    await unlink(temporary).catch(() => {})
  }

  return {
    write(audio) {
      if (failure) throw failure
      audioBytes += audio.length
      buffered.push(audio)
      bufferedBytes += audio.length
      if (bufferedBytes >= writeBytes) flush()
    },
    async finish() {
      if (audioBytes % 2 === 1) buffered.push(Uint8Array.of(0))
      flush()
      await writing
      try {
        if (failure) throw failure
        await handle.write(mulawWavHeader(audioBytes), 0, wavHeaderBytes, 0)
        await handle.sync()
        await handle.close()
        await rename(temporary, file)
      } catch (thrown) {
        await discard()
        throw thrown instanceof BridgeError ? thrown : unwritable(codeOf(thrown), thrown)
      }
      return { file }
    },
    discard,
  }
}

async function begun(temporary: string, maxBytes: number): Promise<FileHandle> {
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.appendFile(mulawWavHeader(maxBytes))
    return handle
  } catch (thrown) {
    await handle.close().catch(() => {})
    await unlink(temporary).catch(() => {})
    throw thrown
  }
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
}

function unwritable(why: string, cause?: unknown): BridgeError {
  return new BridgeError('recording.unwritable', `A recording cannot be written to its file: ${why}.`, { cause })
}
