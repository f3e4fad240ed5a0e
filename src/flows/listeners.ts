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
  /** Most flows listen to nothing. */
  let all: { readonly [Event in keyof Happenings]: Set<Listener<Event>> } | undefined

  function listenersOf<Event extends keyof Happenings>(event: Event): Set<Listener<Event>> {
    all ??= { key: new Set(), speech: new Set(), interrupted: new Set() }
    return all[event]
  }

  return {
    on(event, listener) {
      const listeners = listenersOf(event)
      // A function may listen twice and leave once.
      const own: typeof listener = (what) => listener(what)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    any: (event) => all !== undefined && all[event].size > 0,
    tell(event, what) {
      if (!all) return
      for (const listener of listenersOf(event)) {
        // What is thrown at once and what is rejected later are the same fault.
        const told = async () => listener(what)
        told().catch(fault)
      }
    },
  }
}
