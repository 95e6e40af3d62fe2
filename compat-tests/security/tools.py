"""Apache Kafka's own tools where clients authenticate: users are made, tokens issued, and both log in."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness.brokers import Broker
from harness.report import Report

from security.sasl_cases import MODULES, PASSWORD, SECRET_KEY, USER

TIMEOUT_S = 60
TOPICS = "org.apache.kafka.tools.TopicCommand"
TOKENS = "org.apache.kafka.tools.DelegationTokenCommand"
CONFIGS = "kafka.admin.ConfigCommand"
NEW_PASSWORD = "carol-secret"


def properties(path: Path, mechanism: str, module: str, **options: str) -> Path:
    """A file for --command-config."""
    given = " ".join(f'{name}="{value}"' for name, value in options.items())
    path.write_text(
        f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism={mechanism}\n"
        f"sasl.jaas.config={MODULES}.{module} required {given};\n"
    )
    return path


def run_tools(report: Report, broker: Broker, java: Sequence[str | Path], directory: Path) -> None:
    """Use the tools one after the other; `java` is the virtual machine with everything up to the class."""

    def tool(name: str, config: Path, *arguments: str, fails: bool = False) -> str:
        command = [*java, name, "--bootstrap-server", broker.listener("SASL"), "--command-config", config]
        ended = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert (ended.returncode != 0) is fails, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    alice = properties(
        directory / "alice.properties", "PLAIN", "plain.PlainLoginModule", username=USER, password=PASSWORD
    )
    user = ("--entity-type", "users", "--entity-name", "carol")
    with report.check("kafka-configs sets and describes a SCRAM credential"):
        tool(CONFIGS, alice, "--alter", "--add-config", f"SCRAM-SHA-512=[password={NEW_PASSWORD}]", *user)
        assert "SCRAM-SHA-512=iterations=4096" in tool(CONFIGS, alice, "--describe", *user)
    with report.check("a user made by kafka-configs logs in"):
        carol = properties(
            directory / "carol.properties",
            "SCRAM-SHA-512",
            "scram.ScramLoginModule",
            username="carol",
            password=NEW_PASSWORD,
        )
        tool(TOPICS, carol, "--create", "--topic", "by-carol")
    with report.check("kafka-configs deletes a SCRAM credential"):
        tool(CONFIGS, alice, "--alter", "--delete-config", "SCRAM-SHA-512", *user)
        assert "SCRAM-SHA-512" not in tool(CONFIGS, alice, "--describe", *user)
    token_id = secret = ""
    with report.check("kafka-delegation-tokens creates and describes a token"):
        made = tool(
            TOKENS, alice, "--create", "--max-life-time-period", "-1", "--renewer-principal", "User:bob"
        )
        found = re.search(r"^(\S{22})\s+(\S{86}==)", made, re.MULTILINE)
        assert found, made
        token_id, secret = found.groups()
        described = tool(TOKENS, alice, "--describe", "--owner-principal", f"User:{USER}")
        assert token_id in described
        assert "[User:bob]" in described
    with report.check("a token logs in, and may ask for no token"):
        bearer = properties(
            directory / "token.properties",
            "SCRAM-SHA-256",
            "scram.ScramLoginModule",
            username=token_id,
            password=secret,
            tokenauth="true",
        )
        tool(TOPICS, bearer, "--create", "--topic", "by-token")
        assert "by-token" in tool(TOPICS, alice, "--list")
        refused = tool(TOKENS, bearer, "--create", "--max-life-time-period", "-1", fails=True)
        assert "DelegationTokenRequest" in refused or "Delegation Token requests are not allowed" in refused
    with report.check("kafka-delegation-tokens renews and expires a token"):
        tool(TOKENS, alice, "--renew", "--renew-time-period", "-1", "--hmac", secret)
        tool(TOKENS, alice, "--expire", "--expiry-time-period", "-1", "--hmac", secret)
        assert token_id not in tool(TOKENS, alice, "--describe", "--owner-principal", f"User:{USER}")
    with report.check("tools: no secret is logged"):
        for each in (NEW_PASSWORD, secret, SECRET_KEY):
            assert each not in broker.log_text()
