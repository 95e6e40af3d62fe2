// kafkajs against a broker: node checks.js --bootstrap HOST:PORT --prefix NAME --phase PHASE [--quick]
"use strict";

require("./group_checks");
require("./record_checks");
require("./admin_checks");
require("./restart_checks");
require("../harness/jsclient/checks").main();
