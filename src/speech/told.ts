import type { BridgeError } from '../errors.ts'
import type { SpeechEvent } from './provider.ts'
import type { Connect } from '../wire/connection.ts'

/** The same connections, with what becomes of them told. */
export function tellConnections<Frame>(
  connect: Connect<Frame>,
  provider: string,
  tell: (event: SpeechEvent) => void,
): Connect<Frame> {
  return (events) => {
    let open = false
    function gone(error: BridgeError | undefined): void {
      if (open) tell({ type: 'disconnected', provider, error })
      open = false
    }
    const connection = connect({
      ...events,
      opened() {
        open = true
        tell({ type: 'connected', provider })
        events.opened()
      },
      lost(loss) {
        if (open) gone(loss.error)
        else tell({ type: 'connection-error', provider, error: loss.error })
        events.lost(loss)
      },
    })
    return {
      ...connection,
      close() {
        gone(undefined)
        return connection.close()
      },
      drop() {
        gone(undefined)
        connection.drop()
      },
    }
  }
}
