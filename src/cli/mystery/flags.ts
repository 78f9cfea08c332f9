// The flags of `mystery`, as values.

export interface MysteryFlags {
  readonly seed?: string;
  readonly list?: true;
  readonly answer?: string;
  readonly evidence?: string;
  readonly solution?: true;
}
