import type { ConfigProblem, Place } from "../problem.ts";

export interface Complaint {
  readonly message: string;
  readonly mend: string;
  /** Quoted; undefined for a secret. */
  readonly found?: string;
  readonly isMisspelt?: boolean;
}

/**
 * Collects the problems of a configuration, with the place of each setting. A setting is identified by its section
 * object and its key there, so that readers need not know their own paths.
 */
export interface Report {
  readonly problems: readonly ConfigProblem[];
  readonly hasErrors: boolean;
  /** Records the place of the setting at a path. */
  locate(path: string, place: Place): void;
  /** Records the path from which a section was read. */
  name(section: object, path: string): void;
  /** Returns the path of a setting as the operator writes it. */
  pathOf(section: object, key: string): string;
  add(problem: ConfigProblem): void;
  errorAt(path: string, complaint: Complaint, place?: Place): void;
  error(section: object, key: string, complaint: Complaint): void;
  warning(section: object, key: string, complaint: Complaint): void;
  /** Adds an error, unless the setting only counts as missing because its value was reported. */
  missing(section: object, key: string, complaint: Complaint): void;
  /** Returns true if the setting's value was reported. */
  isExcused(section: object, key: string): boolean;
  /** Suppresses `missing` for a path. */
  excuse(path: string): void;
}

/** `prefix` is the section that contains the settings, such as `pushd`. */
export function createReport(file: string, prefix: string | undefined): Report {
  const problems: ConfigProblem[] = [];
  const places = new Map<string, Place>();
  const names = new WeakMap<object, string>();
  const excused = new Set<string>();

  const placeOf = (path: string): Place => places.get(path) ?? (path === "" ? { file } : placeOf(parentOf(path)));
  const pathOf = (section: object, key: string) => joinPath(names.get(section) ?? "", key);
  const add = (severity: ConfigProblem["severity"], path: string, complaint: Complaint, place = placeOf(path)) => {
    const key = joinPath(prefix ?? "", path);
    // Two sections that inherit one setting report the same fault.
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
