"""Every difference from Apache Kafka that is meant: field, input and reason. The report card counts them.

Anything else that differs fails the run.
"""

import json
import re

from attrs import frozen

from differential.compare import ABSENT, Deviation
from kbroker.config.different_defaults import DIFFERENT_DEFAULTS

ANY = ".*"


@frozen
class Difference:
    """A class of deviations. `field`, `scenario`, `step`, `expected` and `got` are patterns for the whole text.

    `expected` and `got` are matched against JSON, `scenario` against `api/scenario`.
    """

    scenario: str
    step: str  # the input
    field: str
    reason: str
    expected: str = ANY
    got: str = ANY

    def explains(self, deviation: Deviation) -> bool:
        """Whether this is why."""
        pairs = (
            (self.scenario, f"{deviation.api}/{deviation.scenario}"),
            (self.step, deviation.step),
            (self.field, deviation.field),
            (self.expected, json.dumps(deviation.expected)),
            (self.got, json.dumps(deviation.got)),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


NOT_SERVED = "|".join(
    str(key)
    for key in (
        *(
            68,
            69,
            76,
            77,
            78,
            79,
            83,
            84,
            85,
            86,
            87,
            88,
            89,
            90,
            91,
            92,
        ),  # newer groups
    )
)
FEATURES_NOT_SERVED = "|".join(map(re.escape, ("group.version", "share.version", "streams.version")))
ABSENT_JSON = re.escape(json.dumps(ABSENT))

DIFFERENCES = (
    Difference(
        "api_versions/all_of_it", ANY, rf"api_keys\.({NOT_SERVED})",
        "only what is served is advertised", got=ABSENT_JSON,
    ),
    Difference(
        "api_versions/all_of_it", ANY, rf"(supported|finalized)_features\.({FEATURES_NOT_SERVED})",
        "only the features of what is served are named", got=ABSENT_JSON,
    ),
    Difference(
        "produce/refused_request", "null records", "",
        "Apache Kafka never answers, and its client waits until it gives up; kbroker refuses the partition",
        expected='"no answer"', got=r'.*"error_code": 87,.*',
    ),
    Difference(
        "produce/refused_records", ANY, ANY,
        "only the records inside the batch show the error, and they are not decoded",
        got=rf"(0|{ABSENT_JSON}|null)",
    ),
    Difference(
        "produce/max_timestamp_too_low", "what is stored", r"responses\[\]\.partitions\[\]\.records\[\]",
        "Apache Kafka corrects the header's max timestamp after a look at the records, which are not decoded here",
    ),
    Difference(
        "alter_configs/of_topics", "the same twice", "",
        "Apache Kafka never answers; kbroker refuses both",
        expected='"no answer"', got=r'.*"error_code": 42,.*',
    ),
    Difference(
        "join_group/refused", "the same protocol twice.*", "",
        "Apache Kafka's coordinator fails and never answers; kbroker refuses the member",
        expected='"no answer"', got=r'.*"error_code": 23.*',
    ),
    Difference(
        "sasl_authenticate/oauthbearer", "another scheme", "",
        "Apache Kafka fails to say so and hangs up; kbroker refuses the token",
        expected='"closed"', got=r'.*"error_code": 58,.*',
    ),
    Difference(
        "metadata/auto_creation", "a topic that is not there yet", r"topics\[\]\.(error_code|partitions|topic_id)",
        "the first answer has the topic already, where Apache Kafka's client has to ask again",
        expected=rf"(3|{ABSENT_JSON})",
    ),
    Difference(
        "add_partitions_to_txn/of_brokers", "no transaction", "",
        "Apache Kafka never answers; no broker would ask",
        expected='"no answer"', got=ANY,
    ),
    Difference(
        "list_transactions/everything", "a Unicode class", "(error_code|transaction_states)",
        "Python's regular expressions have no classes of Unicode's; the pattern is refused",
        got=rf"(128|{ABSENT_JSON})",
    ),
    Difference(
        "authorization_groups/find_coordinator", "type 2",
        r".*\.?coordinators\[\]\.error_code", "share groups are not served",
        expected="15", got="42",
    ),
    Difference(
        "describe_quorum/all_of_it", "the quorum( again)?", r"nodes\[\]\.listeners\[\]\.name",
        "there is no controller's listener; the voter is where clients reach the broker",
        expected='"CONTROLLER"',
    ),
    Difference(
        "find_coordinator/all_of_it", "a share group", r"coordinators\[\]\.error_code", "share groups are not served",
        expected="15", got="42",
    ),
)  # fmt: skip


OTHER_DEFAULTS = tuple(
    Difference(
        "describe_configs/.*",
        ANY,
        rf"results\[\]\.configs\.{re.escape(name)}\.value",
        f"another default: {default.reason}",
        got=re.escape(json.dumps(default.value)),
    )
    for name, default in DIFFERENT_DEFAULTS.items()
)
"""The table of defaults in docs/configuration.md; most are set for both brokers here."""


def explanation(deviation: Deviation) -> Difference | None:
    """The difference that a deviation is an instance of, if it is meant."""
    return next((each for each in DIFFERENCES + OTHER_DEFAULTS if each.explains(deviation)), None)
