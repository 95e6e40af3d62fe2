// @platformatic/kafka against a broker: node checks.js --bootstrap HOST:PORT --prefix NAME --phase PHASE [--quick]
import "./record_checks.js";
import "./group_checks.js";
import "./admin_checks.js";
import "./restart_checks.js";
import harness from "../harness/jsclient/checks.js";

harness.main();
