"""kbroker/broker/quotas_in_force.py"""

from kbroker.broker.quotas_in_force import QuotasInForce


def test_an_address_has_its_own_rate_or_that_of_all_others() -> None:
    in_force = QuotasInForce()
    assert not in_force.enforced
    assert in_force.connection_rate("127.0.0.1") is None
    in_force.connection_rates = {"127.0.0.1": 5.0}
    assert in_force.connection_rate("127.0.0.1") == 5.0
    assert in_force.connection_rate("127.0.0.2") is None
    in_force.connection_rates = {"127.0.0.1": 5.0, None: 7.0}
    assert in_force.connection_rate("127.0.0.2") == 7.0
