/** What one parameter may be set to: anything that YAML can say in one line. */
export type ParameterValue =
  | string
  | number
  | boolean
  | null
  | readonly ParameterValue[]
  | { readonly [key: string]: ParameterValue };

/** Where values of one parameter come from. Ranges include both ends. */
export type Choice =
  | { readonly kind: "list"; readonly values: readonly ParameterValue[] }
  | {
    readonly kind: "range";
    readonly low: number;
    readonly high: number;
    /** Whole numbers only. */
    readonly whole: boolean;
    /** Even in the logarithm: 1 to 10 as often as 10 to 100. */
    readonly log: boolean;
  };

/** One parameter that a search sets. */
export interface Dimension {
  /** Key path in the configuration: `models.EquityTrendModel_v1.parameters.slow_ma_period`. */
  readonly path: string;
  /** The shortest end of the path that no other dimension shares: `slow_ma_period`. */
  readonly label: string;
  readonly choice: Choice;
  /** Set only while each of these dimensions (by place) has one of these values; else the configuration's own stays. */
  readonly when?: readonly {
    readonly dimension: number;
    readonly values: readonly ParameterValue[];
  }[];
}

/** A rule between parameters, as written, and what it says of a value for each dimension. */
export interface Constraint {
  readonly text: string;
  readonly holds: (assignment: Assignment) => boolean;
}

/** One value per dimension, in their order; undefined where the dimension is not set. */
export type Assignment = readonly (ParameterValue | undefined)[];

/** Everything that a search may try. */
export interface SearchSpace {
  readonly dimensions: readonly Dimension[];
  readonly constraints: readonly Constraint[];
}
