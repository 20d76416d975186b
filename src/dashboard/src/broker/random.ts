/** A random id; unlike crypto.randomUUID it is there too where a page came over plain http. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
