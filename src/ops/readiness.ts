/** Whether new calls should be sent here: every condition by its name. */
export interface Readiness {
  add(name: string, holds: () => boolean): void
  /** The names of what does not hold; empty when all is well. */
  missing(): readonly string[]
  /** Whether a condition holds; one that nobody added does. */
  holds(name: string): boolean
}

export function createReadiness(): Readiness {
  const conditions = new Map<string, () => boolean>()
  return {
    add: (name, holds) => void conditions.set(name, holds),
    missing: () => [...conditions].filter(([, holds]) => !holds()).map(([name]) => name),
    holds: (name) => conditions.get(name)?.() ?? true,
  }
}
