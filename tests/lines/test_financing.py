"""What each term of the financing does, in amounts that can be reckoned by hand.

A plant of 1,000 is paid at close and brings 200 a year; a loan of half its cost at 10 % is repaid in five equal parts:
interest 50, 40, 30, 20, 10.
"""

import numpy as np
import pytest

from finmodel import metrics
from finmodel.render.plain import Evaluation
from tests.lines.plain_project import project

BY_HAND = {
    "construction_time": 0,
    "yearly_revenue": 300,
    "yearly_opex": 100,
    "tax_rate": 0,
    "availability_period": 0,
    "gearing": 0.5,
    "debt_tenor": 5,
    "interest_margin": 0.02,
    "swap_rate": 0.08,
    "commitment_fee": 0,
    "upfront_fee": 0,
    "debt_reserve_months": 0,
    "lock_up_dscr": 0,
    "default_dscr": 1.05,
}


def by_hand(periods: int = 8, repayment: str = "equal_principal", **figures: float) -> Evaluation:
    return project({**BY_HAND, **figures}, periods=periods, per_year=1, repayment=repayment)


def row(case: Evaluation, name: str, last: int = 6) -> list[float]:
    return [round(value, 9) for value in case.rows[name][:last].tolist()]


def test_half_of_the_cost_is_drawn_and_repaid_in_five_equal_parts() -> None:
    case = by_hand()
    assert row(case, "debt_total") == [500, 400, 300, 200, 100, 0]
    assert row(case, "interest_expense") == [0, 50, 40, 30, 20, 10]
    assert row(case, "contributions") == [500, 0, 0, 0, 0, 0]
    assert row(case, "distributions") == [0, 50, 60, 70, 80, 90]


def test_an_annuity_is_level() -> None:
    case = by_hand(repayment="annuity")
    # 500 x 0.1 / (1 - 1.1^-5)
    np.testing.assert_allclose(case.rows["service_due"][1:6], 131.89874040, rtol=1e-9)


def test_half_of_what_is_left_is_swept() -> None:
    case = by_hand(sweep_share=0.5)
    # second year: 375 owed, 37.5 of interest, 93.75 due, 68.75 left; third: 246.875 owed
    assert row(case, "cash_swept", 4) == [0, 25, 34.375, 46.510416667]
    assert case.rows["debt_total"][1] == pytest.approx(400 - 25)
    assert case.rows["interest_expense"][2] == pytest.approx(37.5)
    assert case.rows["debt_total"][-1] == 0.0


def test_cash_is_locked_up_until_cover_is_back() -> None:
    case = by_hand(lock_up_dscr=1.5)  # cover is 200 over 150, 140, 130: 1.33, 1.43, 1.54
    assert row(case, "distributions") == [0, 0, 0, 180, 80, 90]
    assert row(case, "cash") == [0, 50, 110, 0, 0, 0]


def test_a_reserve_is_drawn_on_the_loan_and_released_at_its_end() -> None:
    case = by_hand(debt_reserve_months=6)
    # half of the first service, 0.15 of the loan; the loan is half of 1,000 and the reserve
    loan = 500 / (1 - 0.5 * 0.15)
    assert case.rows["debt_total"][0] == pytest.approx(loan)
    held = [0.15 * loan, 0.14 * loan, 0.13 * loan, 0.12 * loan, 0.11 * loan, 0]
    assert row(case, "debt_reserve") == pytest.approx(held)
    assert case.rows["contributions"][0] == pytest.approx(1000 + 0.15 * loan - loan)


def test_a_shortfall_draws_on_the_reserve_then_on_the_owners_and_then_is_a_default() -> None:
    bad_year = {"dip_start": 12, "dip_end": 24, "dip_share": 0.5}  # brings 50 in the second year
    without = by_hand(**bad_year)
    assert without.rows["service_unpaid"][2] == pytest.approx(140 - 50)
    assert without.scalars["periods_in_default"] == 1
    assert without.scalars["first_covenant_breach"] == 24
    supported = by_hand(**bad_year, equity_support_limit=60)
    assert supported.rows["equity_support"][2] == pytest.approx(60)
    assert supported.rows["service_unpaid"][2] == pytest.approx(30)
    reserved = by_hand(**bad_year, equity_support_limit=30, debt_reserve_months=3)
    loan = 500 / (1 - 0.5 * 0.075)
    assert reserved.rows["reserve_drawn"][2] == pytest.approx(0.07 * loan)
    assert reserved.rows["service_unpaid"][2] == pytest.approx(0.28 * loan - 50 - 0.07 * loan - 30)


def test_what_is_unpaid_stays_owed_repayment_first() -> None:
    case = by_hand(dip_start=12, dip_end=24, dip_share=0.6)  # brings 20 in the second year: half of the interest
    assert case.rows["principal_paid.loan"][2] == 0.0
    assert case.rows["interest_unpaid.loan"][2] == pytest.approx(20)
    assert case.rows["debt_total"][2] == pytest.approx(420)
    assert case.rows["principal_due.loan"][3] == pytest.approx(420 / 3)


def test_a_refinancing_lowers_the_margin_for_a_fee() -> None:
    case = by_hand(refinancing_date=24, refinancing_margin=0.01, refinancing_tenor=3, refinancing_fee=0.01)
    assert case.rows["refinancing_drawn.loan"][2] == pytest.approx(300)
    assert row(case, "interest_expense") == [0, 50, 40, 27, 18, 9]
    assert row(case, "distributions") == [0, 50, 57, 73, 82, 91]


def test_the_schedule_at_close_knows_no_refinancing() -> None:
    case = by_hand(refinancing_date=24, refinancing_margin=0.05, refinancing_tenor=5, refinancing_ratio=1.5)
    assert row(case, "scheduled_total") == [500, 400, 300, 200, 100, 0]
    terms = {"refinancing_date": 24, "refinancing_margin": 0.05, "refinancing_tenor": 5}
    assert row(by_hand(repayment="annuity", **terms), "scheduled_total") == pytest.approx(
        row(by_hand(repayment="annuity"), "scheduled_total")
    )


def test_the_reserve_follows_a_refinancing() -> None:
    terms = {"refinancing_date": 24, "refinancing_margin": 0.02, "refinancing_tenor": 5, "refinancing_fee": 0}
    case = by_hand(**terms, refinancing_ratio=1.5, debt_reserve_months=6)
    debt, service = case.rows["debt_total"], case.rows["service_due"]
    assert debt[2] == pytest.approx(1.5 * 3 / 5 * debt[0])
    assert row(case, "debt_reserve", 7) == pytest.approx((service[1:8] / 2).tolist())


def test_a_reserve_never_holds_more_repayment_than_is_owed() -> None:
    case = by_hand(debt_reserve_months=36, debt_tenor=5)
    owed = case.rows["debt_total"]
    # with two years left three years of the next repayment are more than is owed: interest of three years beside it
    assert case.rows["debt_reserve"][3] == pytest.approx(1.3 * owed[3])
    assert case.rows["debt_reserve"][5] == 0.0


def test_the_reserve_of_a_sculpted_loan_holds_months_of_the_mean_of_the_next_year() -> None:
    figures = {**BY_HAND, "debt_reserve_months": 3, "dip_end": 1, "dip_share": 0.7, "target_dscr": 1.6}
    case = project(figures, periods=96, per_year=12, sizing="dscr", repayment="sculpted")
    loan, principal = case.scalars["commitment.loan"], case.rows["scheduled_principal.loan"]
    assert principal[1] == 0.0  # the first month brings less than its interest
    assert principal[2] > 0.0
    assert case.rows["debt_reserve"][0] == pytest.approx(3 * (principal[1:13].mean() + loan * 0.1 / 12))
    last = 12 * 5
    owed = case.rows["debt_total"][last - 4]
    assert case.rows["reserve_target.loan"][last - 4] == pytest.approx(3 * owed * (1 / 4 + 0.1 / 12))


def test_cover_puts_no_bound_on_a_loan_that_asks_for_no_service() -> None:
    figures = {**BY_HAND, "balloon_share": 1, "interest_margin": 0, "swap_rate": 0}
    case = project(figures, periods=8, per_year=1, sizing="smaller")
    assert case.scalars["commitment.loan"] == pytest.approx(500)


def test_a_refinancing_may_raise_the_debt_and_stretch_it() -> None:
    case = by_hand(refinancing_date=24, refinancing_margin=0.02, refinancing_tenor=5, refinancing_ratio=1.5,
                   refinancing_fee=0)  # fmt: skip
    assert row(case, "debt_total", 8) == [500, 400, 450, 360, 270, 180, 90, 0]
    assert case.rows["distributions"][2] == pytest.approx(60 + 150)


def test_the_unhedged_half_floats() -> None:
    case = by_hand(hedged_share=0.5, base_rate=0.06)  # 2 % margin, and the mean of 8 % and 6 %
    assert row(case, "interest_expense") == [0, 45, 36, 27, 18, 9]


def test_a_grant_takes_the_place_of_equity() -> None:
    case = by_hand(grant_share=0.2)
    assert case.rows["contributions"][0] == pytest.approx(500 - 200)
    assert case.rows["debt_total"][0] == pytest.approx(500)


def test_a_prepayment_takes_the_place_of_equity_and_is_credited() -> None:
    case = by_hand(prepaid=100, gearing=0.3)
    assert case.rows["contributions"][0] == pytest.approx(700 - 100)
    assert case.rows["cfads"][1] == pytest.approx(200 - 100)
    assert case.rows["distributions"][1] == pytest.approx(200 - 100 - 90)


def test_fees_and_interest_are_drawn_on_the_loan_while_it_is_built() -> None:
    terms = {"construction_time": 24, "availability_period": 24, "upfront_fee": 0.02, "commitment_fee": 0.01}
    case = by_hand(**terms)  # a third of the cost at close and at the end of each of two years
    loan = case.scalars["commitment.loan"]
    drawn = case.rows["debt_total"][:3]
    third = case.rows["cost_drawn.loan"][0]
    at_close = third + 0.02 * loan
    first = at_close * 1.1 + 0.01 * (loan - at_close) + third
    second = first * 1.1 + 0.01 * (loan - first) + third
    assert drawn.tolist() == pytest.approx([at_close, first, second])
    assert second == pytest.approx(loan)
    cost = 1000 + case.rows["interest_capitalised.loan"].sum() + case.rows["fees_drawn.loan"].sum()
    assert loan == pytest.approx(0.5 * cost)


def test_equity_first_is_spent_before_the_loan_is_drawn() -> None:
    terms = {**BY_HAND, "construction_time": 24, "availability_period": 24}
    case = project(terms, periods=8, per_year=1, draws="equity_first")
    # equity E pays 1000/3 at close and the rest of E a year later, when d = 2000/3 - E is drawn: with a year's interest
    # and the last third the loan is d * 1.1 + 1000/3, and that is E
    equity = (2000 / 3 * 1.1 + 1000 / 3) / 2.1
    assert case.rows["contributions"][:3].tolist() == pytest.approx([1000 / 3, equity - 1000 / 3, 0], abs=1e-9)
    assert case.scalars["commitment.loan"] == pytest.approx(equity)


def test_cover_sizes_the_loan_by_the_present_value_of_cash_flow() -> None:
    case = project({**BY_HAND, "target_dscr": 1.6}, periods=8, per_year=1, sizing="dscr", repayment="sculpted")
    # 200 / 1.6 a year for five years at 10 %
    assert case.scalars["commitment.loan"] == pytest.approx(125 * (1 - 1.1**-5) / 0.1)
    np.testing.assert_allclose(case.rows["dscr"][1:6], 1.6, rtol=1e-12)


def test_the_smaller_of_gearing_and_cover_sizes_the_loan() -> None:
    figures = {**BY_HAND, "target_dscr": 1.6}
    assert project(figures, periods=8, per_year=1, sizing="smaller").scalars["commitment.loan"] == pytest.approx(
        125 * (1 - 1.1**-5) / 0.1
    )
    figures["gearing"] = 0.3
    assert project(figures, periods=8, per_year=1, sizing="smaller").scalars["commitment.loan"] == pytest.approx(300)


def test_cover_after_tax_sizes_a_smaller_loan() -> None:
    figures = {**BY_HAND, "target_dscr": 1.6, "tax_rate": 0.25, "tax_in_cfads": 1, "tax_life": 8}
    case = project(figures, periods=8, per_year=1, sizing="dscr", repayment="sculpted")
    # tax without debt: a quarter of 200 less 125
    assert case.scalars["commitment.loan"] == pytest.approx((200 - 18.75) / 1.6 * (1 - 1.1**-5) / 0.1)
    assert case.scalars["min_dscr_after_tax"] == pytest.approx(1.6)
    assert case.scalars["min_dscr"] == pytest.approx(1.6 * 200 / 181.25)


def test_a_bullet_is_repaid_in_one_sum() -> None:
    case = by_hand(balloon_share=1, equity_support_limit=1000)
    assert row(case, "debt_total") == [500, 500, 500, 500, 500, 0]
    assert case.rows["principal_paid.loan"][5] == pytest.approx(500)
    assert case.scalars["min_dscr"] == pytest.approx(4)  # interest only: a balloon is no test of cover


def test_cover_ratios_of_a_loan_life() -> None:
    case = by_hand()
    years = np.arange(1, 9)
    value = 200 / 1.1**years
    assert case.scalars["llcr"] == pytest.approx(value[:5].sum() / 500)
    assert case.scalars["plcr"] == pytest.approx(value.sum() / 500)
    assert case.scalars["min_dscr"] == pytest.approx(200 / 150)
    assert case.scalars["average_dscr"] == pytest.approx(np.mean(200 / np.array([150, 140, 130, 120, 110])))
    assert case.scalars["average_life"] == pytest.approx((1 + 2 + 3 + 4 + 5) * 100 / 500)
    assert case.scalars["gearing_at_completion"] == pytest.approx(0.5)
    assert case.scalars["peak_equity"] == pytest.approx(500)
    assert np.isnan(case.scalars["first_covenant_breach"])


def test_without_debt_the_owners_flow_is_the_projects() -> None:
    case = project(BY_HAND, periods=8, per_year=1, tranches={})
    assert case.rows["equity_flow"].tolist() == pytest.approx([-1000, *[200] * 8])
    for name in ("min_dscr", "average_dscr", "llcr", "plcr", "average_life", "first_covenant_breach"):
        assert np.isnan(case.scalars[name]), name
    assert case.scalars["gearing_at_completion"] == 0.0


def test_all_of_the_cost_may_be_borrowed() -> None:
    case = by_hand(gearing=1, debt_tenor=8)
    assert case.scalars["commitment.loan"] == pytest.approx(1000)
    assert case.rows["contributions"][0] == 0.0


def test_a_tenor_beyond_the_horizon_ends_with_it() -> None:
    case = by_hand(debt_tenor=40)
    assert case.scalars["first_maturity.loan"] == 96
    assert case.rows["debt_total"][-1] == 0.0
    assert case.rows["principal_due.loan"][1:9].tolist() == pytest.approx([62.5] * 8)


def test_negative_cash_flow_sizes_no_debt() -> None:
    case = project({**BY_HAND, "yearly_revenue": 50}, periods=8, per_year=1, sizing="dscr", repayment="sculpted")
    assert case.scalars["commitment.loan"] == 0.0
    assert case.rows["contributions"].tolist() == pytest.approx([1000, *[50] * 8])


def test_cover_below_one_is_a_default_from_the_first_date_on() -> None:
    case = by_hand(yearly_revenue=200)
    assert case.scalars["min_dscr"] < 1
    assert case.scalars["first_covenant_breach"] == 12
    assert case.rows["service_unpaid"][1] == pytest.approx(50)


def test_a_later_tranche_finances_what_the_first_leaves() -> None:
    tranches = {"senior": {}, "junior": {}}
    case = project({**BY_HAND, "gearing.senior": 0.6, "gearing.junior": 0.5}, periods=8, per_year=1, tranches=tranches)
    assert case.scalars["commitment.senior"] == pytest.approx(600)
    assert case.scalars["commitment.junior"] == pytest.approx(200)
    assert case.rows["contributions"][0] == pytest.approx(200)


def test_cover_of_a_later_tranche_counts_the_service_of_the_first() -> None:
    loan = {"sizing": "dscr", "repayment": "sculpted"}
    figures = {**BY_HAND, "target_dscr.senior": 2, "target_dscr.junior": 1.25}
    case = project(figures, periods=8, per_year=1, tranches={"senior": loan, "junior": loan})
    annuity = (1 - 1.1**-5) / 0.1
    assert case.scalars["commitment.senior"] == pytest.approx(100 * annuity)
    assert case.scalars["commitment.junior"] == pytest.approx(100 / 1.25 * annuity)
    np.testing.assert_allclose(case.rows["dscr"][1:6], 200 / 180, rtol=1e-12)


def test_reserves_earn_interest() -> None:
    case = by_hand(debt_reserve_months=6, reserve_rate=0.04)
    loan = 500 / (1 - 0.5 * 0.15)
    assert case.rows["reserve_interest"][1] == pytest.approx(0.04 * 0.15 * loan)


def test_a_reserve_for_operations_is_financed_and_released_at_the_end() -> None:
    case = by_hand(operating_reserve_months=6)
    assert row(case, "operating_reserve", 9) == [50] * 8 + [0]
    assert row(case, "debt_total", 1) == [525]
    assert row(case, "contributions", 2) == [525, 0]
    assert case.rows["distributions"][8] == pytest.approx(200 + 50)


def test_debt_service_left_unpaid_breaks_the_covenant_whatever_its_ratio() -> None:
    case = by_hand(dip_start=12, dip_end=24, dip_share=0.5, default_dscr=0)
    assert case.scalars["first_covenant_breach"] == 24


def test_a_refinanced_loan_has_no_balloon() -> None:
    case = by_hand(balloon_share=0.5, refinancing_date=24, refinancing_margin=0.02, refinancing_tenor=4)
    # 250 of 500 in five parts of 50; the 400 owed after two of them are then repaid in four
    assert row(case, "debt_total", 7) == [500, 450, 400, 300, 200, 100, 0]


def test_a_sculpted_loan_may_end_in_a_balloon() -> None:
    figures = {**BY_HAND, "target_dscr": 2, "balloon_share": 0.4, "equity_support_limit": 1000}
    case = project(figures, periods=8, per_year=1, sizing="dscr", repayment="sculpted")
    loan = case.scalars["commitment.loan"]
    # five years of 200 / 2 at 10 % repay all but the balloon
    assert loan == pytest.approx(100 * (1 - 1.1**-5) / 0.1 / (1 - 0.4 * 1.1**-5))
    np.testing.assert_allclose(case.rows["dscr"][1:6], 2, rtol=1e-12)
    assert case.rows["principal_due.loan"][5] == pytest.approx(100 - 0.1 * case.rows["debt_total"][4] + 0.4 * loan)


def test_equity_is_valued_at_its_own_cost() -> None:
    case = by_hand(cost_of_equity=0.12)
    assert case.scalars["equity_npv"] == pytest.approx(metrics.npv(0.12, case.rows["equity_flow"]))


def test_what_loan_and_grant_bring_beyond_the_cost_is_kept_while_the_loan_is_drawn_and_then_paid_out() -> None:
    case = by_hand(gearing=0.9, grant_share=0.5)
    assert row(case, "contributions", 2) == [0, 0]
    assert row(case, "cash", 2) == [400, 0]
    assert case.rows["distributions"][1] == pytest.approx(400 + 200 - 90 - 180)
