"""The first contract: GPUs let take-or-pay from acceptance, credits for failures, and what is paid in advance."""

from finmodel.graph import Input, Member, Node, Scope, across, balance, cumulative, line, maximum, minimum
from finmodel.lines.schedule import change, paid_by, since

availability = Input("1", "Share of the hours of a GPU in service in which it can be sold.", high=1)
contracted_share = Input(
    "1",
    "Share of the original racks' GPUs let by the hour that is let take-or-pay from acceptance; the rest is sold at "
    "the market price.",
    high=1,
)
contract_price = Input("USD/(GPU*h)", "Price under the first contract, flat in nominal terms.")
contract_term = Input(
    "year", "Term of the first contract, from each rack's acceptance; ends with the rack's life at the latest."
)
take_or_pay_share = Input(
    "1", "Share of the available hours under the first contract that is paid whether used or not.", high=1
)
contracted_sold_share = Input(
    "1", "Share of the available hours under the first contract that the customer uses.", high=1
)
promised_availability = Input("1", "Availability that the first contract promises.", high=1)
service_credit_rate = Input(
    "1", "Share of the contract's revenue credited per unit of availability missed: 10 is a tenth for one point."
)
service_credit_cap = Input("1", "Largest service credit, as a share of the contract's revenue.", high=1)
prepayment_share = Input(
    "1", "Share of the first contract's value paid in advance and credited against its invoices.", high=1
)
prepayment_lead = Input("month", "From the prepayment to the acceptance of the phase's first rack; not before close.")


@line("h")
def saleable_hours(m: Scope) -> Node:
    """Hours of the period in which a GPU in service can be sold; what an outage takes down cannot."""
    return m.availability * m.hours * m.capacity_up


@line("1")
def gpu_hour_share(m: Scope) -> Node:
    """Share of the GPUs let by the hour; the capacity of the rest is sold as tokens."""
    return 1 - m.token_share


@line("GPU", each="phase")
def gpus_let(m: Scope, phase: Member) -> Node:
    """GPUs of the phase under the first contract, which covers the original racks only."""
    return m.racks[phase] * m.gpus_per_rack * m.gpu_hour_share * m.contracted_share


@line("month")
def contract_length(m: Scope) -> Node:
    """Time for which each of the original racks is under the first contract, within its life."""
    return minimum(m.contract_term, m.hardware_life).to("month")


@line("GPU", each="phase")
def contracted_gpus(m: Scope, phase: Member) -> Node:
    """GPUs in service under the first contract, as signed: each from its acceptance for the term, within its life."""
    start, spread = m.first_acceptance[phase], m.installation_ramp[phase]
    under_contract = since(m, start, spread) - since(m, start + m.contract_length, spread)
    return m.gpus_let[phase] * under_contract * m.site_open


@line("1")
def contract_paid_share(m: Scope) -> Node:
    """Share of the available hours under the first contract that is paid: what is used, or the minimum if larger."""
    return maximum(m.take_or_pay_share, m.contracted_sold_share)


@line("GPU*h")
def contracted_gpu_hours(m: Scope) -> Node:
    """GPU-hours paid under the first contract, some perhaps without being used; none once its customer has failed."""
    return across(m.contracted_gpus) * m.tenant_paying * m.saleable_hours * m.contract_paid_share


@line("USD")
def contract_revenue(m: Scope) -> Node:
    """Revenue under the first contract, before service credits."""
    return m.contracted_gpu_hours * m.contract_price


@line("1")
def service_credit_share(m: Scope) -> Node:
    """Share of the contract's revenue given back for availability below the promise.

    Definition: proportional to what is missed, up to a cap, as steps of credit in service level agreements are.
    """
    missed = maximum(m.promised_availability - m.availability, 0)
    return minimum(m.service_credit_cap, m.service_credit_rate * missed)


@line("USD")
def service_credits(m: Scope) -> Node:
    """Credits to the customer for availability below the promise."""
    return m.contract_revenue * m.service_credit_share


@line("USD", each="phase")
def contract_value(m: Scope, phase: Member) -> Node:
    """What the phase's first contract brings over its whole term, before service credits, as reckoned at signing."""
    hours = m.gpus_let[phase] * m.contract_length.to("h") * m.availability
    return hours * m.contract_paid_share * m.contract_price


@line("USD", each="phase")
def prepayment_paid(m: Scope, phase: Member) -> Node:
    """Received so far in advance of the phase's first contract."""
    paid = paid_by(m, m.first_acceptance[phase] - m.prepayment_lead)
    return m.prepayment_share * m.contract_value[phase] * paid


@line("USD")
def prepayment_received(m: Scope) -> Node:
    """Received so far in advance, all phases."""
    return across(m.prepayment_paid)


@line("USD")
def prepayment_credited(m: Scope) -> Node:
    """Credited so far: of every invoice the share that was prepaid, never more than was received."""
    return minimum(m.prepayment_received, m.prepayment_share * cumulative(m.contract_revenue))


@line("1")
def prepayment_due(m: Scope) -> Node:
    """1 once the last contract has run out or operations have ended: what has not been credited is paid back."""
    return paid_by(m, minimum(m.closing_date, across(m.last_acceptance, "maximum") + m.contract_length))


@line("USD")
def prepayment_settled(m: Scope) -> Node:
    """Credited or paid back so far."""
    return maximum(m.prepayment_credited, m.prepayment_received * m.prepayment_due)


@balance("USD")
def prepayments(m: Scope) -> tuple[Node, Node]:
    """Prepayments owed to customers: a liability, and no revenue until it is credited against an invoice."""
    return change(m.prepayment_received), change(m.prepayment_settled)


@line("USD")
def prepayment_flow(m: Scope) -> Node:
    """Cash received in advance, less revenue that it has paid already."""
    return change(m.prepayments)
