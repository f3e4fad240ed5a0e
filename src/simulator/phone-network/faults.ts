/** Something the server or the application did that Twilio reports in its debugger. */
export interface ProtocolFault {
  /** Twilio's own error code. */
  readonly code: number
  readonly level: 'error' | 'warning'
  /** What exactly was wrong. */
  readonly message: string
  readonly callSid: string | undefined
  readonly streamSid: string | undefined
  readonly atMs: number
  /** Twilio tells 31930, 31931, 31950 and 31951 once per stream; later ones are kept here with `repeated`. */
  readonly repeated: boolean
}

export interface FaultPlace {
  callSid?: string
  streamSid?: string
  level?: 'error' | 'warning'
}

export interface FaultLog {
  readonly all: readonly ProtocolFault[]
  add(code: number, message: string, place?: FaultPlace): void
}

const warnings = new Set([12200, 13223, 13224, 13225, 13227, 15003, 21262, 31930, 31931, 31950, 31951, 32015, 32019])
const messageLimit = 300

export function createFaultLog(now: () => number): FaultLog {
  const all: ProtocolFault[] = []
  const told = new Set<string>()
  return {
    all,
    add(code, message, { callSid, streamSid, level } = {}) {
      const key = `${streamSid ?? ''} ${code}`
      const repeated = streamSid !== undefined && told.has(key)
      told.add(key)
      all.push({
        code,
        level: level ?? (warnings.has(code) ? 'warning' : 'error'),
        message: message.slice(0, messageLimit),
        callSid,
        streamSid,
        atMs: now(),
        repeated,
      })
    },
  }
}
