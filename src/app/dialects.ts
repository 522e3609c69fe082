import type { DialectsConfig } from "../config/config.ts";
import { createFlexisipDialect } from "../dialects/flexisip/dialect.ts";
import { createFreeswitchDialect } from "../dialects/freeswitch/dialect.ts";
import { createKazooDialect } from "../dialects/kazoo/dialect.ts";
import { createSipwiseDialect } from "../dialects/sipwise/dialect.ts";
import { createSylkDialect } from "../dialects/sylk/dialect.ts";
import { createVialerDialect } from "../dialects/vialer/dialect.ts";
import type { Dialect } from "../gateway/dialect.ts";

/** A dialect without paths is disabled. */
export function listDialects(config: DialectsConfig): readonly Dialect[] {
  return [
    createSipwiseDialect(config.sipwise),
    createFlexisipDialect(config.flexisip),
    createFreeswitchDialect(config.freeswitch),
    createKazooDialect(config.kazoo),
    createSylkDialect(config.sylk),
    createVialerDialect(config.vialer),
  ];
}
