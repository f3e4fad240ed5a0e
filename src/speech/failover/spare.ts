import { asBridgeError, type BridgeError } from '../../errors.ts'
import type { Line } from './line.ts'

/** The next provider's connection, made while the present one may still answer. Nothing is given to it before it is taken. */
export interface Spare {
  readonly isReady: boolean
  /** Connects it, if there is another provider and none is connected yet. */
  warm(): void
  /** Gives it away; undefined when there is none. */
  take(): Line | undefined
  close(): Promise<void>
}

/**
 * @param open opens the next provider's session; undefined when no other is left
 * @param failed the spare itself failed, and is closed
 */
export function createSpare(open: () => Line | undefined, failed: (line: Line, error: BridgeError) => void): Spare {
  let line: Line | undefined

  function take(): Line | undefined {
    const taken = line
    line = undefined
    return taken
  }

  return {
    get isReady() {
      return line?.isReady === true
    },
    warm() {
      if (line) return
      const opened = open()
      line = opened
      opened?.session.ready.catch((thrown: unknown) => {
        if (line !== opened) return
        line = undefined
        void opened.session.close()
        failed(opened, asBridgeError(thrown))
      })
    },
    take,
    close: async () => take()?.session.close(),
  }
}
