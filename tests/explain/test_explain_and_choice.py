"""What is explained is what attempts do."""

from hypothesis import given, settings

from delivery.queue.choice import Chooser, Journey
from delivery.queue.explain import Question, explain
from delivery.routing.routes import Route
from mail import clock
from tests.explain.rule_sets import AccountRoutesGiven, journeys, lists, snapshot_of, winner_by_hand

Routes = tuple[Route, ...]


@settings(max_examples=500)
@given(lists, lists, lists, journeys)
def test_explanation_and_choice_agree_on_any_rules(
    account: Routes, domain: Routes, global_: Routes, journey: Journey
) -> None:
    chooser, snapshot = Chooser(AccountRoutesGiven(account)), snapshot_of(domain, global_)
    choice = chooser.choose(snapshot, journey)
    explanation = explain(chooser, snapshot, Question(journey, due=clock.now()))
    assert choice.transport.name == (winner_by_hand(account, domain, global_, journey) or "")
    assert explanation.transport.name == choice.transport.shown_name
    assert explanation.rule == choice.rule
    deciding = [each for each in explanation.examined if each.decides]
    assert [each.rule for each in deciding] == ([choice.rule] if choice.transport.name else [])
    first = next((each for each in explanation.examined if each.matches), None)
    assert (first is not None and first.decides) == bool(choice.transport.name)
    assert [each.asked for each in explanation.examined] == [
        not any(earlier.decides for earlier in explanation.examined[:place])
        for place in range(len(explanation.examined))
    ]


@settings(max_examples=100)
@given(lists, lists, lists, journeys)
def test_each_coming_attempt_is_the_choice_of_its_own_number(
    account: Routes, domain: Routes, global_: Routes, journey: Journey
) -> None:
    chooser, snapshot = Chooser(AccountRoutesGiven(account)), snapshot_of(domain, global_)
    explanation = explain(chooser, snapshot, Question(journey, due=clock.now()))
    numbers = [coming.number for coming in explanation.coming]
    assert numbers == list(range(journey.attempts_made + 1, max(9, journey.attempts_made + 2)))
    for coming in explanation.coming:
        later = Journey(
            journey.account_id, journey.sender_domain, journey.recipient_domain, coming.number - 1
        )
        choice = chooser.choose(snapshot, later)
        assert (coming.transport, coming.rule) == (choice.transport.shown_name, choice.rule)
