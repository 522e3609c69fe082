/** The part of `METRICS` that stays at 0 unless a worker stalls, the store loses something, or the gateway has a bug. */
export const ACCIDENT_METRICS = {
  leasesLost: {
    type: "counter",
    name: "sip_pushd_leases_lost_total",
    help: "Pushes that another worker took over while this one still worked on them. More than a few mean stalls.",
    labels: {},
  },
  lostByStore: {
    type: "counter",
    name: "sip_pushd_pushes_lost_by_store_total",
    help: "Pushes that were worked on when the store lost its data. Their fate is unknown, and they are not tried again. See the alarm store_lost_data.",
    labels: {},
  },
  oversleepersWoken: {
    type: "counter",
    name: "sip_pushd_oversleepers_woken_total",
    help: "Pushes that would have waited longer than any pause lasts, and were made due: the store's clock was set back.",
    labels: {},
  },
  illegalTransitions: {
    type: "counter",
    name: "sip_pushd_illegal_transitions_total",
    help: "Results for deliveries that had ended already. They are not written; each one is a bug worth a report.",
    labels: {},
  },
} as const;
