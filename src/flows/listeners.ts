import type { Happenings } from './flow.ts'

type Listener<Event extends keyof Happenings> = (what: Happenings[Event]) => unknown

/** Who listens to what happens in a call. */
export interface Listeners {
  on<Event extends keyof Happenings>(event: Event, listener: Listener<Event>): () => void
  any(event: keyof Happenings): boolean
  tell<Event extends keyof Happenings>(event: Event, what: Happenings[Event]): void
}

/** @param fault told what a listener throws, or rejects with */
export function createListeners(fault: (thrown: unknown) => void): Listeners {
  return new CallListeners(fault)
}

type All = { readonly [Event in keyof Happenings]: Set<Listener<Event>> }

class CallListeners implements Listeners {
  readonly #fault: (thrown: unknown) => void
  /** Most flows listen to nothing. */
  #all: All | undefined

  constructor(fault: (thrown: unknown) => void) {
    this.#fault = fault
  }

  on<Event extends keyof Happenings>(event: Event, listener: Listener<Event>): () => void {
    this.#all ??= { key: new Set(), speech: new Set(), interrupted: new Set() }
    const listeners: Set<Listener<Event>> = this.#all[event]
    // A function may listen twice and leave once.
    const own: typeof listener = (what) => listener(what)
    listeners.add(own)
    return () => void listeners.delete(own)
  }

  any(event: keyof Happenings): boolean {
    return this.#all !== undefined && this.#all[event].size > 0
  }

  tell<Event extends keyof Happenings>(event: Event, what: Happenings[Event]): void {
    if (!this.#all) return
    const listeners: Set<Listener<Event>> = this.#all[event]
    for (const listener of listeners) {
      // What is thrown at once and what is rejected later are the same fault.
      const told = async () => listener(what)
      told().catch(this.#fault)
    }
  }
}
