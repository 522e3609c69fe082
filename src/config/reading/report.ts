import type { ConfigProblem, Place } from "../problem.ts";

export interface Complaint {
  readonly message: string;
  readonly mend: string;
  /** Quoted; to be left out for a secret. */
  readonly found?: string;
}

/**
 * Gathers the problems of one configuration and knows where everything stood. A setting is named by the section object
 * it was read into and its key there, so that no reader of settings has to know its own path.
 */
export interface Report {
  readonly problems: readonly ConfigProblem[];
  readonly hasErrors: boolean;
  /** Tells where the setting at a path stands. */
  locate(path: string, place: Place): void;
  /** Tells which path a section was read from. */
  name(section: object, path: string): void;
  /** The path of a setting as the operator writes it. */
  pathOf(section: object, key: string): string;
  add(problem: ConfigProblem): void;
  errorAt(path: string, complaint: Complaint, place?: Place): void;
  error(section: object, key: string, complaint: Complaint): void;
  warning(section: object, key: string, complaint: Complaint): void;
  /** An error, unless the setting is missing because what stands there has been complained about already. */
  missing(section: object, key: string, complaint: Complaint): void;
  /** Whether what stands there has been complained about already. */
  isExcused(section: object, key: string): boolean;
  /** Keeps `missing` quiet about a path. */
  excuse(path: string): void;
}

/** `prefix` is the name of the section that the settings stand in, as `pushd`. */
export function createReport(file: string, prefix: string | undefined): Report {
  const problems: ConfigProblem[] = [];
  const places = new Map<string, Place>();
  const names = new WeakMap<object, string>();
  const excused = new Set<string>();

  const placeOf = (path: string): Place => places.get(path) ?? (path === "" ? { file } : placeOf(parentOf(path)));
  const pathOf = (section: object, key: string) => joinPath(names.get(section) ?? "", key);
  const add = (severity: ConfigProblem["severity"], path: string, complaint: Complaint, place = placeOf(path)) => {
    const key = joinPath(prefix ?? "", path);
    // Two sections that inherit one setting find the same fault in it.
    if (problems.some((other) => other.key === key && other.message === complaint.message)) return;
    problems.push({ severity, ...place, key, ...complaint });
  };

  const report: Report = {
    problems,
    get hasErrors() {
      return problems.some(({ severity }) => severity === "error");
    },
    locate: (path, place) => void places.set(path, place),
    name: (section, path) => void names.set(section, path),
    pathOf,
    add: (problem) => void problems.push(problem),
    errorAt(path, complaint, place) {
      excused.add(path);
      add("error", path, complaint, place);
    },
    error: (section, key, complaint) => report.errorAt(pathOf(section, key), complaint),
    warning: (section, key, complaint) => add("warning", pathOf(section, key), complaint),
    missing(section, key, complaint) {
      if (!report.isExcused(section, key)) report.error(section, key, complaint);
    },
    isExcused: (section, key) => excused.has(pathOf(section, key)),
    excuse: (path) => void excused.add(path),
  };
  return report;
}

export function joinPath(parent: string, key: string): string {
  return parent === "" || key === "" ? parent + key : `${parent}.${key}`;
}

/** `listen[0].port` → `listen[0]` → `listen` → the whole. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("."), path.lastIndexOf("["), 0));
}
