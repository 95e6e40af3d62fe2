//! Proves a broker with the rdkafka crate: see FINDINGS.md.
//!
//! Prints one line for each check, `PASS name` or `FAIL name: reason`, and exits 1 if any failed.

mod admin;
mod check;
mod groups;
mod records;
mod restart;

use check::{Check, Phase::*};

const CHECKS: &[Check] = &[
    Check { name: "cluster_metadata", phase: Main, quick: true, run: admin::cluster_metadata },
    Check { name: "topics_create_describe_delete", phase: Main, quick: true, run: admin::topic_lifecycle },
    Check { name: "topics_create_errors", phase: Main, quick: false, run: admin::topic_errors },
    Check { name: "partitions_add", phase: Main, quick: true, run: admin::add_partitions },
    Check { name: "configs_topic", phase: Main, quick: true, run: admin::topic_configs },
    Check { name: "delete_records", phase: Main, quick: true, run: admin::delete_records },
    Check { name: "produce_consume_all_codecs", phase: Main, quick: true, run: records::codecs },
    Check { name: "record_shapes", phase: Main, quick: true, run: records::shapes },
    Check { name: "produce_idempotent", phase: Main, quick: true, run: records::idempotent },
    Check { name: "produce_acks", phase: Main, quick: false, run: records::acks },
    Check { name: "produce_too_large", phase: Main, quick: false, run: records::too_large },
    Check { name: "produce_auto_create", phase: Main, quick: false, run: records::auto_create },
    Check { name: "list_offsets", phase: Main, quick: true, run: records::list_offsets },
    Check { name: "group_of_three_one_leaves", phase: Main, quick: true, run: groups::of_three_cooperative },
    Check { name: "group_of_three_eager", phase: Main, quick: false, run: groups::of_three_eager },
    Check { name: "group_static_member", phase: Main, quick: false, run: groups::static_member },
    Check { name: "group_resume", phase: Main, quick: true, run: groups::resume },
    Check { name: "group_admin", phase: Main, quick: true, run: groups::admin },
    Check { name: "restart_prepare", phase: Before, quick: true, run: restart::prepare },
    Check { name: "restart_records_kept", phase: After, quick: true, run: restart::records_kept },
    Check { name: "restart_group_resumes", phase: After, quick: true, run: restart::group_resumes },
];

fn main() {
    std::process::exit(check::run_all(CHECKS));
}
