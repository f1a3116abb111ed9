/** Takes the reasons why a role's document cannot be used. */
export interface Reasons {
  /** What does not keep the rest from being looked at. */
  add(reason: string): void;
  /** After this one nothing else is looked at. Source: spec/remote-schemas.md 7.3. */
  end(reason: string): never;
}
