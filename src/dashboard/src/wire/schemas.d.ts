declare module "virtual:schemas" {
  /** One of a message's faults, as ajv says it. */
  interface Fault {
    readonly instancePath: string;
    readonly message?: string;
    readonly params?: Readonly<Record<string, unknown>>;
  }
  interface Validator {
    (value: unknown): boolean;
    errors?: readonly Fault[] | null;
  }
  export const status: Validator;
  export const verdict: Validator;
  export const live: Validator;
  export const health: Validator;
  export const state: Validator;
}
