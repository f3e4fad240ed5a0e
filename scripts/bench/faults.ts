/** What is wrong with the sound that a phone got. */
export interface Faults {
  /** Chunks that never came, or came behind later ones. */
  lost: number
  /** Chunks that came again, or behind later ones. */
  repeated: number
  /** Sound of another stream, or of none. */
  foreign: number
  /** Sound that is no chunk: other bytes, or chunks cut and joined anew into something else. */
  corrupt: number
  /** Sound of what was silenced, behind the `clear` that silenced it. */
  silenced: number
}

/** Everything that must not happen in a run, counted. All of it has to be 0. */
export interface Troubles extends Faults {
  /** Chunks sent and never heard. */
  missing: number
  /** Chunks made for a call whose phone never heard any. */
  unheard: number
  /** Phones whose stream was begun, and that never heard any sound. */
  deaf: number
  /** Frames that Twilio would not have taken, and streams that ended before the phone hung up, or not when it had. */
  broken: number
  /** Calls that should have been taken and were not, or the other way round. */
  misjudged: number
  /** Connections to the speech service and the recognizer that stayed open when all phones had hung up. */
  leaked: number
}

export function noFaults(): Faults {
  return { lost: 0, repeated: 0, foreign: 0, corrupt: 0, silenced: 0 }
}

export function noTroubles(): Troubles {
  return { ...noFaults(), missing: 0, unheard: 0, deaf: 0, broken: 0, misjudged: 0, leaked: 0 }
}

export function addTroubles(one: Readonly<Troubles>, other: Readonly<Partial<Troubles>>): Troubles {
  return {
    lost: one.lost + (other.lost ?? 0),
    repeated: one.repeated + (other.repeated ?? 0),
    foreign: one.foreign + (other.foreign ?? 0),
    corrupt: one.corrupt + (other.corrupt ?? 0),
    silenced: one.silenced + (other.silenced ?? 0),
    missing: one.missing + (other.missing ?? 0),
    unheard: one.unheard + (other.unheard ?? 0),
    deaf: one.deaf + (other.deaf ?? 0),
    broken: one.broken + (other.broken ?? 0),
    misjudged: one.misjudged + (other.misjudged ?? 0),
    leaked: one.leaked + (other.leaked ?? 0),
  }
}

/** What went wrong, in words; empty when nothing did. */
export function troublesInWords(troubles: Readonly<Troubles>): string[] {
  return Object.entries(troubles).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]))
}
